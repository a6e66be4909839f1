import * as fs from "node:fs";
import * as path from "node:path";
import type { Reporter } from "../clients/reporter";
import type { Environment } from "./cache";
import { cacheRoot } from "./cache";
import { engineStateOfLab, foreignBackend } from "./engineState";
import { explainFileError } from "./error";
import { withLock } from "./lock";
import { labPaths, type LabPaths } from "./paths";
import type { LabPorts } from "./record";
import { NO_DATA_PORTS } from "./dataServices";
import { labServices } from "./services";
import { endService } from "./supervise";

export interface LabStopOptions {
  readonly root: string;
  readonly reporter: Reporter;
}

export interface LabDownOptions extends LabStopOptions {
  /** Whether the binaries go, too; default false. */
  readonly cache?: boolean;
  readonly env?: Environment;
}

// Services are found by their folders, not by their ports, so that a lost or damaged record stops nobody.
const NO_PORTS: LabPorts = {
  etcd: 0,
  etcdPeer: 0,
  apiserver: 0,
  controllerManager: 0,
  vcenter: 0,
  data: NO_DATA_PORTS,
};

/** Ends all processes of the lab and keeps its data. */
export async function labStop(options: LabStopOptions): Promise<void> {
  const paths = labPaths(options.root);
  if (!fs.existsSync(paths.lab)) {
    return;
  }
  await withLock(paths.lock, waiting(options.reporter), () => endAll(paths));
}

/**
 * Ends all processes of the lab and erases `.lab/`, the catalog of its restore points and the engine's record of its
 * stack. The binaries stay unless `cache` is set.
 * @throws LabError if something cannot be erased.
 */
export async function labDown(options: LabDownOptions): Promise<void> {
  const paths = labPaths(options.root);
  if (fs.existsSync(paths.lab)) {
    await withLock(paths.lock, waiting(options.reporter), async () => {
      await endAll(paths);
      erase(paths.lab);
    });
  } else {
    await endAll(paths);
  }
  engineStateOfLab(paths.root).forEach(erase);
  // Restore points of the lab that is erased; the next one would tell them as taken.
  erase(path.join(paths.root, ".pulumi-state", "catalog", "lab"));
  const foreign = foreignBackend(options.env ?? process.env);
  if (foreign !== undefined) {
    options.reporter.warn(
      `The engine's record of stack lab at ${foreign} stays; pulumi stack rm lab --force erases it.`,
    );
  }
  if (options.cache === true) {
    erase(cacheRoot(options.env ?? process.env));
  }
}

function waiting(reporter: Reporter) {
  return {
    onWait: (pid: number) => reporter.info(`Process ${pid} is changing this lab; waiting for it.`),
  };
}

async function endAll(paths: LabPaths): Promise<void> {
  // Those that others depend on last.
  for (const service of [...labServices(paths, NO_PORTS)].reverse()) {
    await endService(paths, service);
  }
}

function erase(dir: string): void {
  try {
    // Go makes its module folders read-only.
    makeWritable(dir);
    fs.rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw explainFileError(error, `${dir} cannot be erased`);
  }
}

function makeWritable(dir: string): void {
  const stat = fs.lstatSync(dir, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isDirectory()) {
    return;
  }
  if ((stat.mode & 0o200) === 0) {
    fs.chmodSync(dir, 0o700);
  }
  for (const entry of fs.readdirSync(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      makeWritable(`${dir}/${entry.name}`);
    }
  }
}
