import * as fs from "node:fs";
import * as path from "node:path";
import type { Environment } from "./cache";

/** Folder of the engine's local backend, as Pulumi.yaml names it. */
const STATE_FOLDER = path.join(".pulumi-state", ".pulumi");

/** Where that backend keeps the stack `lab`: files and folders that bear its name, below a folder per project. */
const KINDS = ["stacks", "history", "backups", path.join("locks", "organization")];

/**
 * What the engine recorded of the lab in this checkout. It speaks of objects of the lab that is erased: kept, it would
 * make the next lab look as if all of them had been removed by hand, and restore points that were taken would be refused.
 *
 * @returns absolute paths, those that are there
 */
export function engineStateOfLab(root: string): string[] {
  return KINDS.flatMap((kind) => {
    const folder = path.join(root, STATE_FOLDER, kind, "atom-backup");
    const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    return names
      .filter((name) => name === "lab" || name.startsWith("lab.json"))
      .map((name) => path.join(folder, name));
  });
}

/** The backend that holds the lab's stack where it is not the checkout's own; only the engine can erase it there. */
export function foreignBackend(env: Environment): string | undefined {
  const url = env["PULUMI_BACKEND_URL"];
  return url === undefined || url === "" ? undefined : url;
}
