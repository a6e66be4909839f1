import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { fieldText, type ClusterObject } from "../../../clients/kubernetes/object";
import { PRODUCT_NAMESPACE } from "../../../lab/product/parts";
import { commandLine } from "../../../lab/processes";
import { pidsOf } from "../../lab/support/labs";
import { childrenOf } from "./killEngine";
import type { PointLab } from "./pointLab";
import { FROZEN_MARK } from "./wholePoint";

/** How a fault is mended again. */
type Mend = () => Promise<void>;

const CLAIM = "atom/data-telemetry-1";

/** A rule of the driver about the snapshot of one claim. */
export function driver(action: object, times?: number): (lab: PointLab) => Mend {
  return (lab) => {
    const rule = { method: "CreateSnapshot", claim: CLAIM, action };
    lab.faults([{ ...rule, ...(times === undefined ? {} : { times }) }]);
    return () => Promise.resolve(lab.faults([]));
  };
}

/** Holds a process of the data plane still. */
export function still(service: string): (lab: PointLab) => Mend {
  return ({ root, record }) => {
    const pids = pidsOf(root, record)[service] ?? [];
    pids.forEach((pid) => process.kill(pid, "SIGSTOP"));
    return () => Promise.resolve(pids.forEach((pid) => process.kill(pid, "SIGCONT")));
  };
}

/** The process that holds the freeze of this lab's hook, once it does; a child of the lab's runner. */
async function holding(lab: PointLab): Promise<number> {
  const isFrozen = (): boolean =>
    lab.replicas().some(({ folder }) => existsSync(join(folder, FROZEN_MARK)));
  while (!isFrozen()) {
    await pause(20);
  }
  const [runner = 0] = pidsOf(lab.root, lab.record)["lab-runner"] ?? [];
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
export function hookEnds(how: "evicted" | "killed"): (lab: PointLab) => Promise<Mend> {
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
export function objects(...made: readonly ClusterObject[]): (lab: PointLab) => Promise<Mend> {
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

export const unbound = claim("unbound", { storageClassName: "atom-replicated" });

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
export async function foreignClaim(lab: PointLab): Promise<Mend> {
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
export function waived(
  subject: string,
  inject: (lab: PointLab) => Promise<Mend>,
): (lab: PointLab) => Promise<Mend> {
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

export function namespaces(...names: readonly string[]): (lab: PointLab) => Promise<Mend> {
  return (lab) => {
    lab.edit(["product", "namespaces"], [PRODUCT_NAMESPACE, ...names]);
    return Promise.resolve(() =>
      Promise.resolve(lab.edit(["product", "namespaces"], [PRODUCT_NAMESPACE])),
    );
  };
}

/** A namespace that is being deleted and cannot go. */
export async function endingNamespace(lab: PointLab): Promise<Mend> {
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
export async function quota(lab: PointLab): Promise<Mend> {
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
export async function withoutClass(lab: PointLab): Promise<Mend> {
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
export async function secondVolume(lab: PointLab): Promise<Mend> {
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
export async function withoutV1({ cluster }: Pick<PointLab, "cluster">): Promise<Mend> {
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
