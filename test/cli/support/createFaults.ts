import { setTimeout as pause } from "node:timers/promises";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import { pidsOf } from "../../lab/support/labs";
import type { Taking, PointLab } from "./pointLab";

/** Something that goes wrong while a point is created, and what has to be said about it. */
export interface CreateFault {
  readonly title: string;
  readonly group: "auto" | "never";
  readonly how: Taking;
  /** Makes it go wrong before the command runs. @returns how it is mended */
  readonly before?: (lab: PointLab) => Promise<() => Promise<void>> | (() => Promise<void>);
  /** Makes it go wrong once the command has begun to change things. @returns how it is mended */
  readonly during?: (lab: PointLab) => Promise<() => Promise<void>> | (() => Promise<void>);
  /** What is said; undefined: it is no fault, the point is taken. `NAME` stands for the point's name. */
  readonly says?: string;
  /** Seconds of the budget that decides; what the command needs besides is added. */
  readonly within: number;
  /** What cannot be removed before it is mended: the next run does. */
  readonly stays?: boolean;
}

const crash: Taking = { consistency: "crash" };
const CLAIM = "atom/data-telemetry-1";

/** A rule of the driver about the snapshot of one claim. */
function driver(action: object, times?: number): (lab: PointLab) => () => Promise<void> {
  return (lab) => {
    const rule = { method: "CreateSnapshot", claim: CLAIM, action };
    lab.faults([{ ...rule, ...(times === undefined ? {} : { times }) }]);
    return () => Promise.resolve(lab.faults([]));
  };
}

/** Holds a process of the data plane still. */
function still(service: string): (lab: PointLab) => () => Promise<void> {
  return ({ root, record }) => {
    const pids = pidsOf(root, record)[service] ?? [];
    pids.forEach((pid) => process.kill(pid, "SIGSTOP"));
    return () => Promise.resolve(pids.forEach((pid) => process.kill(pid, "SIGCONT")));
  };
}

/** Makes objects, and takes them away again. */
function objects(
  ...made: readonly ClusterObject[]
): (lab: PointLab) => Promise<() => Promise<void>> {
  return async ({ cluster }) => {
    for (const object of made) {
      await cluster.create(object, "test");
    }
    return async () => {
      for (const { apiVersion, kind, metadata } of [...made].reverse()) {
        const reference = { apiVersion, kind, ...metadata };
        await cluster.modify(reference, "test", (live) => ({
          ...live,
          metadata: { ...live.metadata, finalizers: [] },
        }));
        await cluster.delete(reference, undefined);
        while ((await cluster.get(reference)) !== undefined) {
          await pause(100);
        }
      }
    };
  };
}

function claim(name: string, spec: object): ClusterObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: PRODUCT_NAMESPACE },
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      ...spec,
    },
  };
}

const unbound = claim("unbound", { storageClassName: "atom-replicated" });

const foreignVolume: ClusterObject = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "foreign" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    capacity: { storage: "1Gi" },
    persistentVolumeReclaimPolicy: "Retain",
    storageClassName: "",
    csi: { driver: "other.csi.example", volumeHandle: "elsewhere" },
    claimRef: { namespace: PRODUCT_NAMESPACE, name: "foreign" },
  },
};
const foreign = claim("foreign", { storageClassName: "", volumeName: "foreign" });

/** Waits until a claim is bound, so that it is judged by its volume. */
async function foreignClaim(lab: PointLab): Promise<() => Promise<void>> {
  const mend = await objects(foreignVolume, foreign)(lab);
  const { name, namespace } = foreign.metadata;
  const reference = { apiVersion: "v1", kind: "PersistentVolumeClaim", name, namespace };
  const phase = async (): Promise<string | undefined> =>
    ((await lab.cluster.get(reference))?.["status"] as { readonly phase?: string }).phase;
  while ((await phase()) !== "Bound") {
    await pause(100);
  }
  return mend;
}

/** The same with a waiver for it. */
function waived(
  subject: string,
  inject: (lab: PointLab) => Promise<() => Promise<void>>,
): (lab: PointLab) => Promise<() => Promise<void>> {
  return async (lab) => {
    const who = "ops";
    const why = "it holds a cache that is filled anew";
    const until = new Date(Date.now() + 86_400_000).toISOString();
    lab.edit(["waivers"], [{ rule: "uncovered-claim", subject, who, why, until }]);
    const mend = await inject(lab);
    return async () => {
      await mend();
      lab.edit(["waivers"], []);
    };
  };
}

function namespaces(...names: readonly string[]): (lab: PointLab) => Promise<() => Promise<void>> {
  return (lab) => {
    lab.edit(["product", "namespaces"], [PRODUCT_NAMESPACE, ...names]);
    return Promise.resolve(() =>
      Promise.resolve(lab.edit(["product", "namespaces"], [PRODUCT_NAMESPACE])),
    );
  };
}

/** A namespace that is being deleted and cannot go. */
async function endingNamespace(lab: PointLab): Promise<() => Promise<void>> {
  const unlist = await namespaces("ending")(lab);
  const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: "ending" } };
  const kept = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "kept", namespace: "ending", finalizers: ["atom.example/test"] },
  };
  const mend = await objects(space, kept)(lab);
  await lab.cluster.delete({ apiVersion: "v1", kind: "Namespace", name: "ending" }, undefined);
  return async () => {
    await unlist();
    await mend();
  };
}

/** A quota that is in force. */
async function quota(lab: PointLab): Promise<() => Promise<void>> {
  const object = {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "snapshots", namespace: PRODUCT_NAMESPACE },
    spec: { hard: { "count/volumesnapshots.snapshot.storage.k8s.io": "3" } },
  };
  const mend = await objects(object)(lab);
  const reference = { ...object, name: "snapshots", namespace: PRODUCT_NAMESPACE };
  const inForce = async (): Promise<boolean> =>
    ((await lab.cluster.get(reference))?.["status"] as { readonly used?: object } | undefined)
      ?.used !== undefined;
  while (!(await inForce())) {
    await pause(100);
  }
  return mend;
}

/** The class goes when the take has begun; an administrator brings it back. */
async function withoutClass(lab: PointLab): Promise<() => Promise<void>> {
  const apiVersion = "snapshot.storage.k8s.io/v1";
  const of = { apiVersion, kind: "VolumeSnapshotClass" };
  const reference = { ...of, name: "atom-snapshots" };
  const live = await lab.cluster.get(reference);
  if (live === undefined) {
    throw new Error("the lab has no snapshot class");
  }
  await lab.cluster.delete(reference, undefined);
  const { name, labels, annotations } = live.metadata;
  const { driver: provisioner, deletionPolicy } = live;
  return async () => {
    const metadata = { name, labels, annotations };
    const again = { ...of, metadata, driver: provisioner, deletionPolicy };
    await lab.cluster.create(again as ClusterObject, "test");
  };
}

const one = `VolumeSnapshot ${PRODUCT_NAMESPACE}/NAME.data-telemetry-1`;

/** Those that take a moment: part of every gate. */
export const quickFaults: readonly CreateFault[] = [
  {
    title: "a volume that the driver refuses for good",
    group: "never",
    how: { consistency: "stopped" },
    before: driver({ refuse: { code: "InvalidArgument", message: 'no pool "fast"' } }),
    says: `${one}: The storage driver reports InvalidArgument: no pool "fast"`,
    within: 10,
  },
  {
    title: "a reply that is lost",
    group: "never",
    how: crash,
    before: driver({ dropReply: true }, 1),
    within: 10,
  },
  {
    title: "a claim that is not bound",
    group: "never",
    how: crash,
    before: objects(unbound),
    says:
      "atom/unbound cannot be held by a restore point: the claim is Pending, so there is no volume yet. Mend it, narrow " +
      "product.selector, or waive rule uncovered-claim for subject atom/unbound.",
    within: 5,
  },
];

/** All others. */
export const slowFaults: readonly CreateFault[] = [
  {
    title: "a claim that is not bound, and waived",
    group: "never",
    how: crash,
    before: waived("atom/unbound", objects(unbound)),
    within: 10,
  },
  {
    title: "a claim of another driver",
    group: "never",
    how: crash,
    before: foreignClaim,
    says:
      "atom/foreign cannot be held by a restore point: its volume is of the driver other.csi.example, the snapshot class is of " +
      "lab.csi.atom.example. Mend it, narrow product.selector, or waive rule uncovered-claim for subject atom/foreign.",
    within: 5,
  },
  {
    title: "a claim of another driver, and waived",
    group: "never",
    how: crash,
    before: waived("atom/foreign", foreignClaim),
    within: 10,
  },
  {
    title: "a namespace that is not there",
    group: "never",
    how: crash,
    before: namespaces("ghost"),
    says:
      "ghost/* cannot be held by a restore point: there is no such namespace. Mend it, narrow product.selector, or waive rule " +
      "uncovered-claim for subject ghost/*.",
    within: 5,
  },
  {
    title: "a namespace that is being deleted",
    group: "never",
    how: crash,
    before: endingNamespace,
    says:
      "ending/* cannot be held by a restore point: the namespace is being deleted. Mend it, narrow product.selector, or waive " +
      "rule uncovered-claim for subject ending/*.",
    within: 5,
  },
  {
    title: "a volume for which there is no room",
    group: "never",
    how: { consistency: "frozen", timeout: 20 },
    before: driver({ refuse: { code: "ResourceExhausted", message: "pool full" } }),
    says: `${one}: The storage driver reports ResourceExhausted: pool full`,
    within: 40,
    // After this code the sidecar does not know whether something was made, and keeps the content until it does.
    stays: true,
  },
  {
    title: "an error that passes",
    group: "never",
    how: crash,
    before: driver({ refuse: { code: "Unavailable", message: "busy" } }, 1),
    within: 15,
  },
  {
    title: "a volume that is ready late",
    group: "never",
    how: crash,
    before: driver({ readyAfterMs: 4000 }),
    within: 40,
  },
  {
    title: "a volume that fails late",
    group: "never",
    how: crash,
    before: driver({ failLate: { afterMs: 1500, code: "Internal", message: "copy lost" } }),
    says: `${one}: The storage driver reports Internal: copy lost`,
    within: 40,
  },
  {
    title: "a driver that does not answer for one volume",
    group: "never",
    how: { ...crash, timeout: 8 },
    before: driver({ hang: true }),
    says: `${one}: It was not ready in time: the driver has reported no error, and 8 s have gone by.`,
    within: 16,
    stays: true,
  },
  {
    title: "a snapshot controller that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("snapshot-controller"),
    says: "The snapshot controller does not answer: no status after 8 s. Look whether snapshot-controller runs, and for what it logs.",
    within: 16,
    stays: true,
  },
  {
    title: "a snapshotter that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("csi-snapshotter"),
    says: "The storage driver does not answer: its content snapcontent-",
    within: 16,
    stays: true,
  },
  {
    title: "a driver that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("lab-csi"),
    says: "It was not ready in time: the driver has reported no error, and 8 s have gone by.",
    within: 16,
    stays: true,
  },
  {
    title: "a class that is gone before",
    group: "never",
    how: crash,
    before: withoutClass,
    says: "The cluster has no VolumeSnapshotClass atom-snapshots",
    within: 5,
  },
  {
    title: "a class that goes meanwhile",
    group: "never",
    how: crash,
    during: withoutClass,
    says: 'volumesnapshotclass.snapshot.storage.k8s.io "atom-snapshots" not found',
    within: 15,
  },
  {
    title: "a quota that is full",
    group: "never",
    how: crash,
    before: quota,
    says: "exceeded quota: snapshots, requested: count/volumesnapshots.snapshot.storage.k8s.io=1",
    within: 10,
  },
  {
    title: "volumes that are taken too far apart",
    group: "never",
    how: crash,
    before: driver({ delayMs: 7000 }),
    says:
      "s, and snapshots.maxSpreadSeconds is 5: they are of different moments. Use consistency stopped or frozen, groups, or a " +
      "greater maxSpreadSeconds.",
    within: 40,
  },
  {
    title: "a group that takes long",
    group: "auto",
    how: crash,
    before: (lab) => {
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { delayMs: 4000 } }]);
      return () => Promise.resolve(lab.faults([]));
    },
    within: 40,
  },
  {
    title: "a group that is ready late",
    group: "auto",
    how: { consistency: "stopped" },
    before: (lab) => {
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { readyAfterMs: 40_000 } }]);
      return () => Promise.resolve(lab.faults([]));
    },
    within: 90,
  },
  {
    title: "a group that the driver refuses for good",
    group: "auto",
    how: { consistency: "frozen" },
    before: (lab) => {
      const refuse = { code: "FailedPrecondition", message: "one volume is degraded" };
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { refuse } }]);
      return () => Promise.resolve(lab.faults([]));
    },
    says: "VolumeGroupSnapshot atom/NAME: The storage driver reports FailedPrecondition: one volume is degraded",
    within: 15,
  },
];
