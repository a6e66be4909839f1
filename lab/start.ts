import type { Reporter } from "../clients/reporter";
import { LabApi } from "./api";
import type { BinaryPlace, LabPart } from "./binaries";
import { programFile } from "./binaries";
import { SEED_VERSION } from "./clusterObjects";
import { prepareData } from "./dataFiles";
import { NO_DATA_PORTS } from "./dataServices";
import { LabError } from "./error";
import type { LabPaths } from "./paths";
import { chooseDataPorts, choosePorts } from "./ports";
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
import type { Service } from "./service";
import { labServices } from "./services";
import { PortTaken, endService, ensureService } from "./supervise";

/** What to start, and what of. */
export interface Start {
  readonly paths: LabPaths;
  readonly binaries: BinaryPlace;
  readonly need: readonly LabPart[];
  readonly reporter: Reporter;
}

/** Ports that another program took between choosing and using them are chosen anew so many times. */
const PORT_TRIES = 5;

/** Starts what does not run, and gives the record of the lab as it runs then. @throws LabError */
export async function startAll(start: Start): Promise<LabRecord> {
  const { paths, need } = start;
  for (let tries = 1; ; tries++) {
    const noted = readLabRecord(paths.root) ?? (await newRecord(paths));
    const ports =
      need.includes("data") && noted.ports.data === undefined
        ? { ...noted.ports, data: await newDataPorts(paths, noted) }
        : noted.ports;
    try {
      return await startServices(start, { ...noted, ports });
    } catch (error) {
      if (!(error instanceof PortTaken) || isSettled(noted, error.part) || tries === PORT_TRIES) {
        throw error;
      }
      await endAll(paths, ports, noted.settled ? ["data"] : ["cluster", "vcenter", "data"]);
      if (!noted.settled) {
        writeLabRecord(paths.root, { ...noted, ports: await choosePorts() });
      }
    }
  }
}

/** Once a part of the lab was up its ports stand in files and other programs, so that they are never moved. */
function isSettled(noted: LabRecord, part: LabPart): boolean {
  return part === "data" ? noted.ports.data !== undefined : noted.settled;
}

async function endAll(
  paths: LabPaths,
  ports: LabRecord["ports"],
  parts: readonly LabPart[],
): Promise<void> {
  for (const service of labServices(paths, ports).filter((one) => parts.includes(one.part))) {
    await endService(paths, service);
  }
}

async function newRecord(paths: LabPaths): Promise<LabRecord> {
  const ports = await choosePorts();
  // Processes whose record was lost listen on ports that nobody knows any more.
  await endAll(paths, { ...ports, data: NO_DATA_PORTS }, ["cluster", "vcenter", "data"]);
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

/** The data plane's ports are noted when it was up, so that a start that was killed leaves processes behind. */
async function newDataPorts(paths: LabPaths, noted: LabRecord) {
  await endAll(paths, { ...noted.ports, data: NO_DATA_PORTS }, ["data"]);
  return await chooseDataPorts();
}

async function startServices(start: Start, record: LabRecord): Promise<LabRecord> {
  const { paths, need, reporter } = start;
  const services = labServices(paths, record.ports).filter((s) => need.includes(s.part));
  const [dataPlane, base] = [
    services.filter(({ part }) => part === "data"),
    services.filter(({ part }) => part !== "data"),
  ];
  const progress = reporter.progress("Starting the lab");
  let done = 0;
  const step = (text: string): void => {
    progress.update({ done: done++, total: services.length + 1, text });
  };
  try {
    const started = new Set<string>();
    for (const service of base) {
      await startOne({ ...start, record, service, started, step });
    }
    step("nodes and CRDs");
    const clusterStarted = base.some((s) => s.part === "cluster" && started.has(s.name));
    const settled = { ...record, settled: true };
    const result = need.includes("cluster")
      ? await settleCluster(start, settled, clusterStarted)
      : settled;
    await startDataPlane(dataPlane, (service) =>
      startOne({ ...start, record, service, started, step }),
    );
    progress.done();
    return result;
  } catch (error) {
    progress.fail("stopped");
    throw error;
  }
}

/** The driver first; the others do not wait for each other. */
async function startDataPlane(
  services: readonly Service[],
  startOne: (service: Service) => Promise<void>,
): Promise<void> {
  const [driver, ...others] = services;
  if (driver !== undefined) {
    await startOne(driver);
  }
  const results = await Promise.allSettled(others.map((service) => startOne(service)));
  for (const result of results) {
    if (result.status === "rejected") {
      throw result.reason;
    }
  }
}

interface One extends Start {
  readonly record: LabRecord;
  readonly service: Service;
  /** Names of the services that were started in this run. */
  readonly started: Set<string>;
  readonly step: (text: string) => void;
}

async function startOne({ service, started, step, ...rest }: One): Promise<void> {
  step(service.name);
  prepare(rest, service, rest.record);
  const anew = service.after !== undefined && started.has(service.after);
  const program = programFile(rest.binaries, service.binary);
  if ((await ensureService(rest.paths, service, program, anew)) === "started") {
    started.add(service.name);
  }
}

/** Writes the files of a service just before it is looked after. */
function prepare({ paths, binaries }: Start, service: Service, record: LabRecord): void {
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
    case "lab-csi":
      prepareData(paths, binaries);
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
