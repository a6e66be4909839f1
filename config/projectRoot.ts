import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, relative, sep } from "node:path";

/** Name of the Pulumi project and namespace of its configuration keys. */
export const projectName = "atom-backup";

/** Folder of the stack files, relative to the project; `stackConfigDir` of Pulumi.yaml. */
export const stackFolder = "stacks";

/**
 * Absolute path of the folder that holds Pulumi.yaml, looked for from `start` upwards: compiled files lie one folder
 * deeper than sources.
 *
 * @throws Error when there is none, i.e. the program was moved out of its checkout.
 */
export function projectRoot(start: string = __dirname): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, "Pulumi.yaml"))) {
      return folder;
    }
    if (dirname(folder) === folder) {
      throw new Error(`Pulumi.yaml was found neither in ${start} nor above it`);
    }
  }
}

/** A path as people know it: relative to the project where it lies in it. */
export function shownPath(root: string, path: string): string {
  const inside = relative(root, path);
  return inside.startsWith("..") || isAbsolute(inside) ? path : inside.split(sep).join("/");
}
