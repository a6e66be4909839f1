import { join } from "node:path";

import { fieldText, type ClusterObject } from "../clients/kubernetes/object";
import { waitFor } from "../clients/wait";
import { labPaths } from "../lab/paths";
import { leastRights } from "../test/cli/support/leastRights";
import { PointLab } from "../test/cli/support/pointLab";

/** Namespace of the volumes, and nothing else. */
export const NAMESPACE = "many";

/** Requests in flight of the bare client. */
export const IN_FLIGHT = 64;

export const CLAIM_SPEC = {
  accessModes: ["ReadWriteOnce"],
  storageClassName: "atom-replicated",
  resources: { requests: { storage: "1Mi" } },
};

/** Works on a lab of its own whose product is what `make` leaves in the namespace, as a user with the published rights. */
export async function onManyVolumes<T>(
  make: (lab: PointLab) => Promise<void>,
  work: (lab: PointLab) => Promise<T>,
): Promise<T> {
  const lab = await PointLab.up();
  try {
    lab.group("never");
    const metadata = { name: NAMESPACE };
    await lab.cluster.create({ apiVersion: "v1", kind: "Namespace", metadata }, "bench");
    await make(lab);
    lab.edit(["product", "namespaces"], [NAMESPACE]);
    const file = join(labPaths(lab.root).lab, "stacks", "Pulumi.lab.yaml");
    await leastRights(lab.root, lab.cluster, { root: lab.root, file });
    return await work(lab);
  } finally {
    await lab.down();
  }
}

/** Waits until the namespace has so many claims, all with their volumes. */
export function untilBound(lab: PointLab, count: number): Promise<void> {
  return untilAll(
    lab,
    ["v1", "PersistentVolumeClaim"],
    count,
    (claim) => fieldText(claim, "status", "phase") === "Bound",
  );
}

/** Waits until the namespace has so many objects of a kind, each as wanted. */
export async function untilAll(
  { cluster }: PointLab,
  [apiVersion, kind]: readonly [string, string],
  count: number,
  isSo: (object: ClusterObject) => boolean,
): Promise<void> {
  const look = async (): Promise<true | undefined> => {
    const all = await cluster.list(apiVersion, kind, { namespace: NAMESPACE });
    return (all.length === count && all.every(isSo)) || undefined;
  };
  await waitFor(look, { pauseMs: 100 });
}
