import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";

/** A state backend of its own in a temporary folder, where a repaired state can be previewed before it is accepted. */
export interface ShadowState {
  /** For `PULUMI_BACKEND_URL`. */
  readonly backendUrl: string;
  /** Project folder for `stack init` and `stack import`, so that they write into a copy of the stack file. */
  readonly projectFolder: string;
  remove(): Promise<void>;
}

export async function makeShadowState(options: {
  /** Name of the Pulumi project. */
  readonly project: string;
  readonly stack: string;
  readonly configFile: string;
}): Promise<ShadowState> {
  const folder = await mkdtemp(join(tmpdir(), "atom-shadow-"));
  const [state, projectFolder] = [join(folder, "state"), join(folder, "project")];
  await Promise.all([mkdir(state), mkdir(projectFolder)]);
  const project = { name: options.project, runtime: "nodejs", stackConfigDir: "." };
  await writeFile(join(projectFolder, "Pulumi.yaml"), stringify(project));
  await copyFile(options.configFile, join(projectFolder, `Pulumi.${options.stack}.yaml`));
  return {
    backendUrl: `file://${state}`,
    projectFolder,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
