import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { LabPart } from "./binaries";
import { binaryPlace, checkBrought, missing } from "./binaries";
import type { Environment } from "./cache";
import { cacheRoot } from "./cache";
import { LabError } from "./error";
import { goInfo } from "./go";
import { labPaths, projectDir } from "./paths";
import { kubernetesVersion } from "./versions";

const GIB = 1024 ** 3;

/** Free disk that a build from nothing takes, in bytes: sources, Go's build cache and the binaries. */
const BUILD_DISK_BYTES = 6 * GIB;
/** Free disk that a running lab may take, in bytes. */
const RUN_DISK_BYTES = GIB / 2;
/** Free memory for a build and for a run, in bytes. */
const BUILD_MEMORY_BYTES = 2 * GIB;
const RUN_MEMORY_BYTES = GIB;

export interface HostOptions {
  readonly root: string;
  readonly env?: Environment;
  readonly need?: readonly LabPart[];
  readonly project?: string;
  /** Free bytes at the nearest existing folder above a path; a test's stand-in. */
  readonly freeDisk?: (dir: string) => number;
  readonly freeMemory?: () => number;
}

export interface HostCheck {
  /** What stands in the way, each with what to do; empty if the lab can come up. */
  readonly problems: readonly string[];
  /** Binaries that have to be built first. */
  readonly mustBuild: readonly string[];
  /** Whether modules have to be fetched from the Go module proxy. */
  readonly needsModuleProxy: boolean;
}

/** Checks in well under a second what a run of the lab needs of this machine. */
export async function preflightHost(options: HostOptions): Promise<HostCheck> {
  const { env = process.env, need = ["cluster", "vcenter"], project = projectDir() } = options;
  const disk = options.freeDisk ?? freeDisk;
  const memory = options.freeMemory ?? freeMemory;
  const problems: string[] = [];
  if (process.platform !== "linux") {
    problems.push(
      `The lab runs on Linux only, and this is ${process.platform}. Use a Linux machine; real sites do not need the lab.`,
    );
    return { problems, mustBuild: [], needsModuleProxy: false };
  }
  const lab = labPaths(options.root).lab;
  problems.push(...folderProblem(lab, "the lab's data"));
  problems.push(...diskProblem(lab, RUN_DISK_BYTES, "running the lab", disk));

  const place = binaryPlace(project, env);
  let mustBuild: readonly string[] = [];
  let needsModuleProxy = false;
  if (place.brought) {
    problems.push(...(await problemOf(() => checkBrought(place, need))));
  } else {
    mustBuild = missing(place, need).binaries.map((binary) => binary.name);
  }
  if (mustBuild.length > 0) {
    problems.push(
      ...folderProblem(cacheRoot(env), "the lab's binaries; XDG_CACHE_HOME names another"),
    );
    problems.push(
      ...(await problemOf(async () => {
        const go = await goInfo(env);
        needsModuleProxy = !hasModules(go.moduleCache, project);
        if (needsModuleProxy && go.proxy === "off") {
          problems.push(
            "GOPROXY is off, but the modules of the lab have to be fetched. Set GOPROXY.",
          );
        }
        const caches = new Set([cacheRoot(env), go.buildCache, go.moduleCache]);
        for (const dir of caches) {
          problems.push(...diskProblem(dir, BUILD_DISK_BYTES, "building the lab", disk));
        }
      })),
    );
  }
  problems.push(...memoryProblem(mustBuild.length > 0, memory()));
  return { problems: [...new Set(problems)], mustBuild, needsModuleProxy };
}

async function problemOf(check: () => void | Promise<void>): Promise<string[]> {
  try {
    await check();
    return [];
  } catch (error) {
    if (error instanceof LabError) {
      return [error.message];
    }
    throw error;
  }
}

function hasModules(moduleCache: string, project: string): boolean {
  const version = kubernetesVersion(project);
  return fs.existsSync(path.join(moduleCache, "k8s.io", `kubernetes@${version}`));
}

function nearestExisting(dir: string): string {
  let at = path.resolve(dir);
  while (!fs.existsSync(at)) {
    at = path.dirname(at);
  }
  return at;
}

function folderProblem(dir: string, use: string): string[] {
  const existing = nearestExisting(dir);
  try {
    fs.accessSync(existing, fs.constants.W_OK | fs.constants.X_OK);
    return [];
  } catch {
    return [
      `${existing} is not writable, but ${dir} is needed for ${use}. Make it writable for this user.`,
    ];
  }
}

function diskProblem(
  dir: string,
  needed: number,
  use: string,
  free: (dir: string) => number,
): string[] {
  const existing = nearestExisting(dir);
  const bytes = free(existing);
  return bytes >= needed
    ? []
    : [`${existing} has ${mib(bytes)} free; ${use} takes ${mib(needed)}. Free some space.`];
}

function memoryProblem(builds: boolean, free: number): string[] {
  const needed = builds ? BUILD_MEMORY_BYTES : RUN_MEMORY_BYTES;
  const use = builds ? "Building the lab" : "The lab";
  return free >= needed
    ? []
    : [`${use} takes ${mib(needed)} of memory; ${mib(free)} are free. End other programs.`];
}

function mib(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}

function freeDisk(dir: string): number {
  const stat = fs.statfsSync(dir);
  return stat.bavail * stat.bsize;
}

/** Memory that programs can get without swapping, which is more than what lies idle. */
function freeMemory(): number {
  try {
    const match = /^MemAvailable:\s+(\d+) kB/m.exec(fs.readFileSync("/proc/meminfo", "utf8"));
    return match?.[1] === undefined ? os.freemem() : Number(match[1]) * 1024;
  } catch {
    return os.freemem();
  }
}
