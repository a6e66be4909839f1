import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { fieldText, type ClusterObject } from "../../../clients/kubernetes/object";
import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import { commandLine } from "../../../lab/processes";
import { pidsOf } from "../../lab/support/labs";
import { childrenOf } from "./killEngine";
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

/** The process that holds the freeze of this lab's hook, once it does; a child of the lab's runner. */
async function holding({ root, record, replicas }: PointLab): Promise<number> {
  const isFrozen = (): boolean =>
    replicas().some(({ folder }) => existsSync(join(folder, ".frozen")));
  while (!isFrozen()) {
    await pause(20);
  }
  const [runner = 0] = pidsOf(root, record)["lab-runner"] ?? [];
  const below = (pid: number): readonly number[] =>
    childrenOf(pid).flatMap((child) => [child, ...below(child)]);
  // The innermost one that has the script: those around it only wait for it.
  const shell = below(runner).findLast((pid) =>
    commandLine(pid).some((word) => word.includes("thaw || exit 70")),
  );
  if (shell === undefined) {
    throw new Error("no process holds the freeze");
  }
  return shell;
}

/** Ends the hook's pod, or the process in it, while the driver takes its time. */
function hookEnds(how: "evicted" | "killed"): (lab: PointLab) => Promise<() => Promise<void>> {
  return async (lab) => {
    const shell = await holding(lab);
    if (how === "killed") {
      process.kill(shell, "SIGKILL");
    } else {
      const of = { namespace: PRODUCT_NAMESPACE, labelSelector: "job-name" };
      for (const { apiVersion, kind, metadata } of await lab.cluster.list("v1", "Pod", of)) {
        await lab.cluster.delete({ apiVersion, kind, ...metadata }, metadata.uid);
      }
    }
    return () => Promise.resolve();
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

/** A PersistentVolume that somebody made by hand for the volume of a claim that is bound already. */
async function secondVolume(lab: PointLab): Promise<() => Promise<void>> {
  const volumes = await lab.cluster.list("v1", "PersistentVolume");
  const own = volumes.find(
    (one) => fieldText(one, "spec", "claimRef", "name") === "data-inventory-0",
  );
  const { claimRef: _, ...spec } = own?.["spec"] as Record<string, unknown>;
  return objects({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "second" },
    spec: { ...spec, persistentVolumeReclaimPolicy: "Retain" },
  })(lab);
}

const GROUP_CRDS = [
  "volumegroupsnapshots",
  "volumegroupsnapshotcontents",
  "volumegroupsnapshotclasses",
];

/** The cluster serves no v1 of group snapshots, only what came before it. */
async function withoutV1({ cluster }: PointLab): Promise<() => Promise<void>> {
  const serve = async (isServed: boolean): Promise<void> => {
    for (const plural of GROUP_CRDS) {
      const name = `${plural}.groupsnapshot.storage.k8s.io`;
      const kind = "CustomResourceDefinition";
      await cluster.modify(
        { apiVersion: "apiextensions.k8s.io/v1", kind, name },
        "test",
        (live) => {
          const spec = live["spec"] as { readonly versions: readonly { readonly name: string }[] };
          const versions = spec.versions.map((version) =>
            version.name === "v1" ? { ...version, served: isServed } : version,
          );
          return { ...live, spec: { ...spec, versions } };
        },
      );
    }
  };
  await serve(false);
  return () => serve(true);
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
  },
  {
    title: "a reply that is lost",
    group: "never",
    how: crash,
    before: driver({ dropReply: true }, 1),
  },
  {
    title: "a claim that is not bound",
    group: "never",
    how: crash,
    before: objects(unbound),
    says:
      "atom/unbound cannot be held by a restore point: the claim is Pending, so there is no volume yet. Mend it, narrow " +
      "product.selector, or waive rule uncovered-claim for subject atom/unbound.",
  },
];

/** All others. */
export const slowFaults: readonly CreateFault[] = [
  {
    title: "a claim that is not bound, and waived",
    group: "never",
    how: crash,
    before: waived("atom/unbound", objects(unbound)),
  },
  {
    title: "a claim of another driver",
    group: "never",
    how: crash,
    before: foreignClaim,
    says:
      "atom/foreign cannot be held by a restore point: its volume is of the driver other.csi.example, the snapshot class is of " +
      "lab.csi.atom.example. Mend it, narrow product.selector, or waive rule uncovered-claim for subject atom/foreign.",
  },
  {
    title: "a claim of another driver, and waived",
    group: "never",
    how: crash,
    before: waived("atom/foreign", foreignClaim),
  },
  {
    title: "a namespace that is not there",
    group: "never",
    how: crash,
    before: namespaces("ghost"),
    says:
      "ghost/* cannot be held by a restore point: there is no such namespace. Mend it, narrow product.selector, or waive rule " +
      "uncovered-claim for subject ghost/*.",
  },
  {
    title: "a namespace that is being deleted",
    group: "never",
    how: crash,
    before: endingNamespace,
    says:
      "ending/* cannot be held by a restore point: the namespace is being deleted. Mend it, narrow product.selector, or waive " +
      "rule uncovered-claim for subject ending/*.",
  },
  {
    title: "a volume for which there is no room",
    group: "never",
    how: { consistency: "frozen", timeout: 20 },
    before: driver({ refuse: { code: "ResourceExhausted", message: "pool full" } }),
    says: `${one}: The storage driver reports ResourceExhausted: pool full`,
    // After this code the sidecar does not know whether something was made, and keeps the content until it does.
    stays: true,
  },
  {
    title: "an error that passes",
    group: "never",
    how: crash,
    before: driver({ refuse: { code: "Unavailable", message: "busy" } }, 1),
  },
  {
    title: "a volume that is ready late",
    group: "never",
    how: crash,
    before: driver({ readyAfterMs: 4000 }),
  },
  {
    title: "a volume that fails late",
    group: "never",
    how: crash,
    before: driver({ failLate: { afterMs: 1500, code: "Internal", message: "copy lost" } }),
    says: `${one}: The storage driver reports Internal: copy lost`,
  },
  {
    title: "a driver that does not answer for one volume",
    group: "never",
    how: { ...crash, timeout: 8 },
    before: driver({ hang: true }),
    says: `${one}: It was not ready in time: the driver has reported no error, and 8 s have gone by.`,
    stays: true,
  },
  {
    title: "a snapshot controller that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("snapshot-controller"),
    says: "The snapshot controller does not answer: no status after 8 s. Look whether snapshot-controller runs, and for what it logs.",
    stays: true,
  },
  {
    title: "a snapshotter that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("csi-snapshotter"),
    says: "The storage driver does not answer: its content snapcontent-",
    stays: true,
  },
  {
    title: "a driver that hangs",
    group: "never",
    how: { ...crash, timeout: 8 },
    during: still("lab-csi"),
    says: "It was not ready in time: the driver has reported no error, and 8 s have gone by.",
    stays: true,
  },
  {
    title: "a class that is gone before",
    group: "never",
    how: crash,
    before: withoutClass,
    says: "The cluster has no VolumeSnapshotClass atom-snapshots",
  },
  {
    title: "a class that goes meanwhile",
    group: "never",
    how: crash,
    during: withoutClass,
    says: 'volumesnapshotclass.snapshot.storage.k8s.io "atom-snapshots" not found',
  },
  {
    title: "a quota that is full",
    group: "never",
    how: crash,
    before: quota,
    says: "exceeded quota: snapshots, requested: count/volumesnapshots.snapshot.storage.k8s.io=1",
  },
  {
    title: "volumes that are taken too far apart",
    group: "never",
    how: crash,
    before: driver({ delayMs: 7000 }),
    says:
      "s, and snapshots.maxSpreadSeconds is 5: they are of different moments. Use consistency stopped or frozen, groups, or a " +
      "greater maxSpreadSeconds.",
  },
  {
    title: "a group that takes long",
    group: "auto",
    how: crash,
    before: (lab) => {
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { delayMs: 4000 } }]);
      return () => Promise.resolve(lab.faults([]));
    },
  },
  {
    title: "a group that is ready late",
    group: "auto",
    how: { consistency: "stopped" },
    before: (lab) => {
      lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { readyAfterMs: 40_000 } }]);
      return () => Promise.resolve(lab.faults([]));
    },
  },
  {
    title: "a cluster without v1 of group snapshots",
    group: "auto",
    how: crash,
    before: withoutV1,
  },
  {
    title: "a second PersistentVolume of a volume",
    group: "never",
    how: crash,
    before: secondVolume,
  },
  {
    title: "a second PersistentVolume of a volume",
    group: "auto",
    how: crash,
    before: secondVolume,
  },
  ...(["evicted", "killed"] as const).map((how): CreateFault => ({
    title: `a hook that is ${how} while it holds its freeze`,
    group: "never",
    how: { consistency: "frozen" },
    before: driver({ delayMs: 8000 }),
    during: hookEnds(how),
    says: "The freeze did not last until every volume was taken: hook inventory: ",
  })),
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
  },
];
