import * as fs from "node:fs";
import * as path from "node:path";
import type { Reporter } from "../clients/reporter";
import { findPulumi } from "./findPulumi";
import { BINARIES, binaryPlace, isComplete, programFile, type BinaryPlace } from "../lab/binaries";
import { ensureBinaries } from "../lab/build";
import { cacheRoot, type Environment } from "../lab/cache";
import { pulumiVersion } from "../lab/versions";

/** The Pulumi CLI that deploys to the lab. */
export interface LabEngine {
  /** Absolute path of the CLI. */
  readonly pulumi: string;
  /** For people, e.g. `pulumi v3.248.0 (built by the lab)`. */
  readonly title: string;
  /** Folder to put first in PATH, so that the CLI and its plugins are found; undefined where PATH finds them. */
  readonly pathFolder: string | undefined;
}

const PLUGINS = BINARIES.filter(({ part, name }) => part === "engine" && name !== "pulumi").map(
  ({ name }) => name,
);

/**
 * Gives the engine: the Pulumi CLI of this machine if its plugins are installed, else the lab's own, built if missing.
 *
 * @param project folder of the lab's sources
 * @throws LabError if it cannot be built.
 * @throws EngineFailure if the CLI of this machine does not answer or is too old.
 */
export async function labEngine(
  project: string,
  env: Environment,
  reporter: Reporter,
): Promise<LabEngine> {
  const build = () => ensureBinaries({ project, need: ["engine"], env, reporter });
  return (await installedEngine(env, reporter)) ?? ownEngine(project, await build(), env);
}

/** As {@link labEngine}, but undefined where it would have to be built. */
export async function readyEngine(
  project: string,
  env: Environment,
  reporter: Reporter,
): Promise<LabEngine | undefined> {
  const place = binaryPlace(project, env);
  const own = isComplete(place, ["engine"]) ? ownEngine(project, place, env) : undefined;
  return (await installedEngine(env, reporter)) ?? own;
}

function ownEngine(project: string, place: BinaryPlace, env: Environment): LabEngine {
  const folder = place.dirs.engine;
  return {
    pulumi: programFile(place, "pulumi"),
    title: `pulumi ${pulumiVersion(project)} (built by the lab)`,
    pathFolder: pathFolders(env)[0] === folder ? undefined : folder,
  };
}

/** One that the person installed. The lab's own, put on PATH by `lab env`, may be that of an earlier version. */
async function installedEngine(
  env: Environment,
  reporter: Reporter,
): Promise<LabEngine | undefined> {
  const own = path.join(cacheRoot(env), "engine-");
  const folders = pathFolders(env).filter((folder) => !folder.startsWith(own));
  const found = await findPulumi({ ...env, PATH: folders.join(path.delimiter) });
  if (found === undefined) {
    return undefined;
  }
  const lacking = PLUGINS.filter((name) => !isInstalled(name, found.path, folders, env));
  if (lacking.length > 0) {
    reporter.warn(
      `The lab does not use ${found.path}, as ${lacking.join(" and ")} is not installed; it uses its own engine.`,
    );
    return undefined;
  }
  const folder = path.dirname(found.path);
  return {
    pulumi: found.path,
    title: `pulumi v${found.version}`,
    pathFolder: folders.includes(folder) ? undefined : folder,
  };
}

/** Whether the CLI finds a plugin: on PATH, beside itself, or in its cache. */
function isInstalled(
  name: string,
  pulumi: string,
  folders: readonly string[],
  env: Environment,
): boolean {
  const home = env["PULUMI_HOME"] ?? path.join(env["HOME"] ?? "", ".pulumi");
  const cache = path.join(home, "plugins");
  const kept = (fs.existsSync(cache) ? fs.readdirSync(cache) : [])
    .filter((folder) => `pulumi-${folder}`.startsWith(`${name}-v`))
    .map((folder) => path.join(cache, folder));
  const beside = path.dirname(fs.realpathSync(pulumi));
  return [...folders, beside, ...kept].some((folder) => fs.existsSync(path.join(folder, name)));
}

function pathFolders(env: Environment): string[] {
  return (env["PATH"] ?? "").split(path.delimiter).filter((folder) => folder !== "");
}
