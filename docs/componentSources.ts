import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ComponentSource } from "./componentReference";

/** The sources of `components/`, by name. @param root - Folder of Pulumi.yaml. */
export function componentSources(root: string): readonly ComponentSource[] {
  const folder = join(root, "components");
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => ({
      file: `components/${file}`,
      text: readFileSync(join(folder, file), "utf8"),
    }));
}
