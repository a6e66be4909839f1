import * as fs from "node:fs";
import type { Reporter } from "../operations/reporter";
import { LabApi } from "./api";
import type { LabPart } from "./binaries";
import { ensureBinaries } from "./build";
import type { Environment } from "./cache";
import { SEED_VERSION } from "./clusterObjects";
import { LabError } from "./error";
import { makeDir } from "./files";
import { withLock } from "./lock";
import { labPaths, projectDir, type LabPaths } from "./paths";
import { choosePorts } from "./ports";
import { preflightHost, type HostOptions } from "./preflight";
import { answers } from "./probe";
import { readLabRecord, writeLabRecord, type LabRecord } from "./record";
import { clusterUid, seedCluster } from "./seed";
import {
  adminToken,
  clusterCa,
  fingerprint,
  prepareCluster,
  prepareVcenter,
  vcenterIdentity,
  writeKubeconfigs,
} from "./serviceFiles";
import { labServices, type Service } from "./services";
import { PortTaken, endService, ensureService, findService, noteService } from "./supervise";

export interface LabUpOptions {
  /** The checkout. */
  readonly root: string;
  readonly reporter: Reporter;
  /** Parts that have to run; default both. */
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
  const need = options.need ?? ["cluster", "vcenter"];
  const paths = labPaths(root);
  const known = readLabRecord(root);
  if (known !== undefined && (await runsAlready(paths, known, need))) {
    return known;
  }
  if (known === undefined) {
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

/** At the first start only: a lab that ran before is repaired, however little is left of disk and memory. */
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
  const services = labServices(paths, record.ports).filter((s) => need.includes(s.part));
  const healthy = await Promise.all(
    services.map(async (service) => {
      const pid = findService(paths, service);
      if (pid === undefined || !(await answers(service.health))) {
        return false;
      }
      noteService(paths, service, pid);
      return true;
    }),
  );
  return healthy.every(Boolean) && fs.existsSync(paths.kubeconfig);
}

interface Start {
  readonly paths: LabPaths;
  readonly binaries: string;
  readonly need: readonly LabPart[];
  readonly reporter: Reporter;
}

/** Ports that another program took between choosing and using them are chosen anew so many times. */
const PORT_TRIES = 5;

async function startAll(start: Start): Promise<LabRecord> {
  for (let tries = 1; ; tries++) {
    const record = readLabRecord(start.paths.root) ?? (await newRecord(start.paths));
    try {
      return await startServices(start, record);
    } catch (error) {
      // Once the lab was up its ports stand in files and other programs, so that they are never moved.
      if (!(error instanceof PortTaken) || record.settled || tries === PORT_TRIES) {
        throw error;
      }
      for (const service of labServices(start.paths, record.ports)) {
        await endService(start.paths, service);
      }
      writeLabRecord(start.paths.root, { ...record, ports: await choosePorts() });
    }
  }
}

async function newRecord(paths: LabPaths): Promise<LabRecord> {
  const ports = await choosePorts();
  // Processes whose record was lost listen on ports that nobody knows any more.
  for (const service of labServices(paths, ports)) {
    await endService(paths, service);
  }
  return writeLabRecord(paths.root, {
    version: 1,
    ports,
    clusterUid: undefined,
    caFingerprint: undefined,
    vcenterInstanceUuid: vcenterIdentity(paths),
    createdAt: new Date().toISOString(),
    settled: false,
    seeded: undefined,
    deployedBy: undefined,
  });
}

async function startServices(start: Start, record: LabRecord): Promise<LabRecord> {
  const { paths, need, reporter } = start;
  const services = labServices(paths, record.ports).filter((s) => need.includes(s.part));
  const progress = reporter.progress("Starting the lab");
  let done = 0;
  const step = (text: string): void => {
    progress.update({ done: done++, total: services.length + 1, text });
  };
  try {
    const started = new Set<string>();
    for (const service of services) {
      step(service.name);
      prepare(paths, service, record);
      const anew = service.after !== undefined && started.has(service.after);
      if ((await ensureService(paths, service, start.binaries, anew)) === "started") {
        started.add(service.name);
      }
    }
    step("nodes and CRDs");
    const clusterStarted = services.some((s) => s.part === "cluster" && started.has(s.name));
    const settled = { ...record, settled: true };
    const result = need.includes("cluster")
      ? await settleCluster(start, settled, clusterStarted)
      : settled;
    progress.done();
    return result;
  } catch (error) {
    progress.fail("stopped");
    throw error;
  }
}

/** Writes the files of a service just before it is looked after. */
function prepare(paths: LabPaths, service: Service, record: LabRecord): void {
  switch (service.name) {
    case "etcd":
      prepareCluster(paths);
      break;
    case "kube-controller-manager":
      // The API server makes its CA at its first start, so that this cannot be done before.
      writeKubeconfigs(paths, record.ports);
      break;
    case "vcenter":
      prepareVcenter(paths, record.vcenterInstanceUuid);
      break;
  }
}

async function settleCluster(
  start: Start,
  record: LabRecord,
  started: boolean,
): Promise<LabRecord> {
  const ca = clusterCa(start.paths);
  const api = new LabApi(record.ports.apiserver, ca, adminToken(start.paths));
  try {
    const uid = await clusterUid(api);
    if (record.clusterUid !== undefined && record.clusterUid !== uid) {
      throw new LabError(
        `The lab's cluster is another one than recorded (kube-system ${uid} instead of ${record.clusterUid}): its data under ${start.paths.data} was erased or replaced. Run \`./atom lab down\`, then start again.`,
      );
    }
    if (started || record.seeded !== SEED_VERSION) {
      await seedCluster(api, start.binaries);
    }
    return { ...record, clusterUid: uid, caFingerprint: fingerprint(ca), seeded: SEED_VERSION };
  } finally {
    api.close();
  }
}
