import { readdirSync } from "node:fs";
import { join } from "node:path";

import { projectRoot, stackFolder } from "./projectRoot";

/** Names of the stacks that have a file, sorted. */
export function stackNames(root: string = projectRoot()): readonly string[] {
  let files: readonly string[];
  try {
    files = readdirSync(join(root, stackFolder));
  } catch {
    return [];
  }
  return files
    .map((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1])
    .filter((name) => name !== undefined)
    .sort();
}

/** Absolute path of a stack's file, whether it exists or not. */
export function stackFilePath(stack: string, root: string = projectRoot()): string {
  return join(root, stackFolder, `Pulumi.${stack}.yaml`);
}

/** Form of a stack name; the engine's own. */
export const stackNameForm = /^[A-Za-z0-9_.-]{1,100}$/;

/** The stack that is the embedded lab. */
export const labStack = "lab";

/** What names a stack to a command of this program, for people: nothing for the lab, else ` --stack NAME`. */
export function stackOption(stack: string): string {
  return stack === labStack ? "" : ` --stack ${stack}`;
}
