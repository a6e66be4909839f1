import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, sep } from "node:path";
import { projectName } from "../../config/projectRoot";
import type { DesiredState } from "./desiredState";
import { CollectError, runProgram, type ProgramRun } from "./runProgram";

export interface ProgramInput extends Pick<ProgramRun, "stack" | "config" | "secretKeys"> {
  /** Folder of Pulumi.yaml; its `dist/index.js` is what runs. */
  readonly root: string;
}

/**
 * Runs the program in this process and returns all that it declares: without the Pulumi CLI, a cluster or a vCenter.
 *
 * @throws CollectError when the program refuses (all problems of the site in one message), is not compiled, or does
 * something that only a real engine can answer.
 */
export async function collect({ root, ...run }: ProgramInput): Promise<DesiredState> {
  const entry = join(root, "dist", "index.js");
  if (!existsSync(entry)) {
    throw new CollectError("internal", "dist/index.js is missing. Run `npm run build` first.");
  }
  return runProgram({ project: projectName, ...run, program: () => loadAfresh(entry) });
}

/**
 * The program acts when it is loaded, so each run loads it again. The SDKs and the pure parts stay: they keep nothing
 * between runs, and loading the SDKs is what takes the time.
 */
function loadAfresh(entry: string): unknown {
  const load = createRequire(entry);
  const components = join(entry, "..", "components") + sep;
  for (const file of Object.keys(load.cache)) {
    if (file === entry || file.startsWith(components)) {
      delete load.cache[file];
    }
  }
  return load(entry);
}
