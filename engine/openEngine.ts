import { labStack } from "../config/stackNames";
import { UsageError } from "../planning/errors";
import { readProject } from "./compiledProject";
import { Engine, type EngineOptions } from "./engine";
import { findPulumi, oldestPulumi } from "./findPulumi";
import { endOrphans } from "./orphans";
import { awaitStackLock } from "./stackLock";

/**
 * The Pulumi CLI of this machine. For the lab alone one is built where it, or a plugin of it, is missing. What deploys
 * waits for a deployment that outlived its command.
 *
 * @param options.readOnly whether nothing is changed by it: a deployment that another process runs is not waited for then
 * @throws UsageError where there is none for a real site
 */
export async function openEngine({
  readOnly = false,
  ...options
}: EngineOptions & { readonly readOnly?: boolean }): Promise<Engine> {
  const { root, stack, env, reporter } = options;
  const engine = await findEngine(options);
  if (engine === undefined) {
    throw new UsageError(
      `Stack ${stack} is a real site and is deployed through the Pulumi CLI, which is neither on PATH nor in ` +
        `~/.pulumi/bin. Install pulumi ${oldestPulumi} or later, or look at what the program declares with ` +
        `./atom preview --offline --stack ${stack}. Nothing was changed.`,
    );
  }
  if (!readOnly) {
    const { name, backend } = await readProject(root, env["PULUMI_BACKEND_URL"]);
    await awaitStackLock({ url: backend?.url, project: name, stack, reporter });
    endOrphans(root, stack);
  }
  return engine;
}

/** The same for what only looks, and does without a CLI: undefined where a real site has none. */
export async function findEngine(options: EngineOptions): Promise<Engine | undefined> {
  const { stack, env, reporter } = options;
  if (stack === labStack) {
    const { labEngine } = await import("./labEngine.js");
    const { projectDir } = await import("../lab/paths.js");
    const { pulumi, title, pathFolder } = await labEngine(projectDir(), env, reporter);
    const path = pathFolder === undefined ? {} : { PATH: `${pathFolder}:${env["PATH"] ?? ""}` };
    return new Engine(pulumi, title, { ...options, env: { ...env, ...path } });
  }
  const installation = await findPulumi(env);
  return installation && new Engine(installation.path, `pulumi v${installation.version}`, options);
}
