import * as fs from "node:fs";
import type { Reporter } from "../clients/reporter";
import type { BinaryPlace, LabPart } from "./binaries";
import { binaryPlace, isComplete } from "./binaries";
import { ensureBinaries } from "./build";
import type { Environment } from "./cache";
import { SEED_VERSION } from "./clusterObjects";
import { LabError } from "./error";
import { makeDir } from "./files";
import { withLock } from "./lock";
import { labPaths, projectDir, type LabPaths } from "./paths";
import { preflightHost, type HostOptions } from "./preflight";
import { answers } from "./probe";
import { readLabRecord, writeLabRecord, type LabRecord } from "./record";
import { labServices } from "./services";
import { startAll } from "./start";
import { findService, isCurrent, noteService } from "./supervise";

export interface LabUpOptions {
  /** The checkout. */
  readonly root: string;
  readonly reporter: Reporter;
  /**
   * Parts that have to run; default control plane and vCenter, and the data plane if it ran before and its programs
   * are built. `data` brings `cluster` with it.
   */
  readonly need?: readonly LabPart[];
  readonly env?: Environment;
  /** Folder of the lab's sources; default this project. */
  readonly project?: string;
  readonly signal?: AbortSignal;
}

/**
 * Brings the lab up: builds what is missing, starts what does not run, and puts CRDs, nodes and the driver's
 * objects into the cluster. Repeatable at any time, and at once if everything runs.
 * @throws LabError if something stands in the way; the message says what to do.
 */
export async function labUp(options: LabUpOptions): Promise<LabRecord> {
  const { root, reporter, env = process.env, project = projectDir() } = options;
  const paths = labPaths(root);
  const known = readLabRecord(root);
  const need = partsToRun(options.need, known, binaryPlace(project, env), reporter);
  if (known !== undefined && (await runsAlready(paths, known, need))) {
    return known;
  }
  if (known === undefined || (need.includes("data") && known.ports.data === undefined)) {
    await checkHost({ root, env, need, project });
  }
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const binaries = await ensureBinaries({ project, need, env, reporter, ...signal });
  const onWait = (pid: number): void =>
    reporter.info(`Process ${pid} is changing this lab; waiting for it.`);
  return await withLock(paths.lock, { onWait, ...signal }, async () => {
    makeDir(paths.data);
    const record = await startAll({ paths, binaries, need, reporter });
    return writeLabRecord(paths.root, record);
  });
}

/**
 * Asked for nothing in particular: control plane and vCenter, and the data plane where it ran before. It is not built
 * for that, as a command that does not need it should not take minutes.
 */
function partsToRun(
  asked: readonly LabPart[] | undefined,
  known: LabRecord | undefined,
  binaries: BinaryPlace,
  reporter: Reporter,
): readonly LabPart[] {
  if (asked !== undefined) {
    return asked.includes("data") && !asked.includes("cluster") ? ["cluster", ...asked] : asked;
  }
  if (known?.ports.data === undefined) {
    return ["cluster", "vcenter"];
  }
  if (isComplete(binaries, ["data"])) {
    return ["cluster", "vcenter", "data"];
  }
  reporter.warn(
    "The lab's data plane is not started, as not all of its programs are built. ./atom lab up --data builds and starts it.",
  );
  return ["cluster", "vcenter"];
}

/** At the first start of a part only: a lab that ran before is repaired, however little is left of disk and memory. */
async function checkHost(options: HostOptions): Promise<void> {
  const { problems } = await preflightHost(options);
  if (problems.length > 0) {
    throw new LabError(problems.join("\n"));
  }
}

async function runsAlready(
  paths: LabPaths,
  record: LabRecord,
  need: readonly LabPart[],
): Promise<boolean> {
  if (need.includes("cluster") && record.seeded !== SEED_VERSION) {
    return false;
  }
  if (need.includes("data") && record.ports.data === undefined) {
    return false;
  }
  const services = labServices(paths, record.ports).filter((s) => need.includes(s.part));
  const healthy = await Promise.all(
    services.map(async (service) => {
      const pid = findService(paths, service);
      const current = pid !== undefined && isCurrent(service, pid);
      if (!current || !(await answers(service))) {
        return false;
      }
      noteService(paths, service, pid);
      return true;
    }),
  );
  return healthy.every(Boolean) && fs.existsSync(paths.kubeconfig);
}
