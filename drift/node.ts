import { fieldText, type ClusterObject } from "../clients/kubernetes/object";
import { isReadyNode, listAt, textAt } from "../planning/backends/answers";
import { type Finding, found } from "./types";

/** What the survival proof stands on is read, not believed: the nodes of the cluster. */
export const NODE = { apiVersion: "v1", kind: "Node" } as const;

/**
 * Role labels of nodes that run the control plane. kubeadm set the second one before 1.24 and some distributions do still;
 * k3s and RKE2 set the third one where etcd runs apart.
 */
const CONTROL_PLANE_LABELS = [
  "node-role.kubernetes.io/control-plane",
  "node-role.kubernetes.io/master",
  "node-role.kubernetes.io/etcd",
];

/** Taint by which an operator says that a node is down; Kubernetes then lets its volumes go. */
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export function isControlPlane({ metadata }: ClusterObject): boolean {
  return CONTROL_PLANE_LABELS.some((label) => metadata.labels?.[label] !== undefined);
}

/** `status.nodeInfo.systemUUID`, lower case; empty when the kubelet reports none. */
export function systemUuid(node: ClusterObject): string {
  return fieldText(node, "status", "nodeInfo", "systemUUID").toLowerCase();
}

/** Whether two UUIDs are one: firmware before SMBIOS 2.6 reports the first three groups with their bytes turned round. */
export function sameUuid(one: string, other: string): boolean {
  const [left, right] = [one.toLowerCase(), other.toLowerCase()];
  return left === right || turned(left) === right;
}

function turned(uuid: string): string {
  const bytes = (group: string): string => (group.match(/../g) ?? []).reverse().join("");
  return uuid
    .split("-")
    .map((group, index) => (index < 3 ? bytes(group) : group))
    .join("-");
}

/** What has a UUID, in either order of its bytes; several where somebody cloned a machine. */
export type Lookup<T> = (uuid: string) => readonly T[];

export function lookupByUuid<T extends { readonly uuid: string }>(all: readonly T[]): Lookup<T> {
  const known = new Map<string, T[]>();
  for (const one of all) {
    known.set(one.uuid, [...(known.get(one.uuid) ?? []), one]);
  }
  return (asked) => {
    const uuid = asked.toLowerCase();
    return known.get(uuid) ?? known.get(turned(uuid)) ?? [];
  };
}

/** Whether the node works: it reports Ready, and nobody took it out of service. */
export function isReady(node: ClusterObject): boolean {
  const taints = listAt(node, "spec", "taints").map((taint) => textAt(taint, "key"));
  return isReadyNode(node) && !taints.includes(OUT_OF_SERVICE);
}

/** Milliseconds after which Kubernetes takes pods off a node that is not Ready: until then it may be starting. */
const DOWN_AFTER = 300_000;

/** What a node that does not work costs, once it is no start or update any more. */
export function judgeReady(node: ClusterObject, now: Date): Finding[] {
  const ready = listAt(node, "status", "conditions").find((one) => textAt(one, "type") === "Ready");
  const [status, since] = [textAt(ready, "status"), textAt(ready, "lastTransitionTime")];
  const isOut = status === "True";
  if (!isOut && now.getTime() - Date.parse(since) < DOWN_AFTER) {
    return [];
  }
  const why = isOut ? "is out of service" : `is not Ready${since && ` since ${since}`}`;
  const reason =
    `It ${why}: the copies, votes and pods that are counted on it are missing, and the next loss may be one too many. ` +
    "Bring it back, or take it out of the stack file and the cluster.";
  const change = isOut
    ? { path: "spec.taints", from: OUT_OF_SERVICE, to: undefined }
    : { path: "status.conditions[Ready]", from: status || undefined, to: "True" };
  return [found("differs", `Node ${node.metadata.name}`, reason, [change])];
}
