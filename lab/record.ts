import { LabError } from "./error";
import { readIfThere, writeFile } from "./files";
import { labPaths } from "./paths";

/** Ports of the lab on 127.0.0.1; chosen once, at the first start. */
export interface LabPorts {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly apiserver: number;
  readonly controllerManager: number;
  readonly vcenter: number;
  /** Those of the data plane, chosen when it was started first: there are none while it never ran. */
  readonly data?: DataPorts;
}

/** Ports of the data plane on 127.0.0.1, by service. */
export interface DataPorts {
  readonly csi: number;
  readonly provisioner: number;
  readonly attacher: number;
  readonly snapshotter: number;
  readonly snapshotController: number;
  readonly kwok: number;
  readonly scheduler: number;
  readonly runner: number;
}

/** What identifies the lab of a checkout; kept in `.lab/record.json`. */
export interface LabRecord {
  readonly version: 1;
  readonly ports: LabPorts;
  /** UID of the namespace kube-system; undefined until the cluster was up for the first time. */
  readonly clusterUid: string | undefined;
  /** SHA-256 of the API server's CA certificate, hexadecimal; undefined until the cluster was up. */
  readonly caFingerprint: string | undefined;
  /** vCenter's `about.instanceUuid`. */
  readonly vcenterInstanceUuid: string;
  /** RFC 3339 date-time of the first start. */
  readonly createdAt: string;
  /** Whether the ports are in use for good: once a service was up, other programs know them. */
  readonly settled: boolean;
  /** Version of the objects that the lab itself put into the cluster; undefined before. */
  readonly seeded: string | undefined;
  /** Which way deployed the lab stack last; undefined before the first deployment. */
  readonly deployedBy: "atom" | "pulumi" | undefined;
}

/** The lab's record, or undefined if there is no lab. @throws LabError if the file is damaged. */
export function readLabRecord(root: string): LabRecord | undefined {
  const file = labPaths(root).record;
  const text = readIfThere(file);
  if (text === undefined) {
    return undefined;
  }
  const damaged = `${file} is damaged. Run \`./atom lab down\`, which ends and erases this lab, then start again.`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new LabError(damaged, { cause: error });
  }
  if (!isRecord(value)) {
    throw new LabError(damaged);
  }
  // Fields that are not known yet are not in the file.
  return { ...UNKNOWN, ...value };
}

const UNKNOWN = {
  clusterUid: undefined,
  caFingerprint: undefined,
  seeded: undefined,
  deployedBy: undefined,
};

function isRecord(value: unknown): value is LabRecord {
  if (typeof value !== "object" || value === null || !("ports" in value)) {
    return false;
  }
  const ports: unknown = value.ports;
  return (
    "version" in value &&
    value.version === 1 &&
    "vcenterInstanceUuid" in value &&
    typeof value.vcenterInstanceUuid === "string" &&
    typeof ports === "object" &&
    ports !== null &&
    ["etcd", "etcdPeer", "apiserver", "controllerManager", "vcenter"].every((name) =>
      Number.isInteger((ports as Record<string, unknown>)[name]),
    )
  );
}

/** Writes the record. */
export function writeLabRecord(root: string, record: LabRecord): LabRecord {
  writeFile(labPaths(root).record, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Changes some fields of the record, for instance `deployedBy`. @throws LabError if there is no lab. */
export function updateLabRecord(
  root: string,
  change: Partial<Omit<LabRecord, "version">>,
): LabRecord {
  const record = readLabRecord(root);
  if (record === undefined) {
    throw new LabError(`There is no lab in ${root}. Run \`./atom lab up\` first.`);
  }
  return writeLabRecord(root, { ...record, ...change });
}
