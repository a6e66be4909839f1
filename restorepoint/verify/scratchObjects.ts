import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import type { ScratchPlan } from "./scratchPlan";

/** Annotation by which the scheduler tells the provisioner where the pod will be. */
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/**
 * A second content for the storage's own snapshot. Retain: whatever becomes of this object, the snapshot in the storage
 * belongs to the point.
 *
 * @see https://kubernetes.io/docs/concepts/storage/volume-snapshots/#static
 */
export function contentObject(plan: ScratchPlan): ClusterObject {
  const { name, namespace, labels, annotations, driver, snapshotClass, fileSystem } = plan;
  return {
    apiVersion: SNAPSHOT_API,
    kind: "VolumeSnapshotContent",
    metadata: { name, labels, annotations },
    spec: {
      deletionPolicy: "Retain",
      driver,
      source: { snapshotHandle: plan.member.handle },
      sourceVolumeMode: fileSystem ? "Filesystem" : "Block",
      volumeSnapshotClassName: snapshotClass,
      volumeSnapshotRef: { name, namespace },
    },
  };
}

/** The snapshot that is bound to the content; a claim can name a snapshot only in its own namespace. */
export function snapshotObject(plan: ScratchPlan): ClusterObject {
  const { name, namespace, labels, snapshotClass: volumeSnapshotClassName } = plan;
  return {
    apiVersion: SNAPSHOT_API,
    kind: "VolumeSnapshot",
    metadata: { name, namespace, labels },
    spec: { volumeSnapshotClassName, source: { volumeSnapshotContentName: name } },
  };
}

/**
 * The scratch claim.
 *
 * @param node where the volume is to be usable, for a class that waits for a pod when there will be none
 */
export function claimObject(plan: ScratchPlan, node: string | undefined): ClusterObject {
  const { name, namespace, labels, className, accessModes, bytes, fileSystem } = plan;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      name,
      namespace,
      labels,
      annotations: node === undefined ? {} : { [SELECTED_NODE]: node },
    },
    spec: {
      accessModes,
      storageClassName: className,
      volumeMode: fileSystem ? "Filesystem" : "Block",
      dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name },
      resources: { requests: { storage: String(bytes) } },
    },
  };
}

/** References of all that a member's verification makes, in the order in which they are removed. */
export function scratchReferences(
  namespace: string,
  name: string,
): Readonly<Record<"job" | "claim" | "snapshot" | "content", ObjectReference>> {
  return {
    job: { apiVersion: "batch/v1", kind: "Job", namespace, name },
    claim: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name },
    snapshot: { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot", namespace, name },
    content: { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent", name },
  };
}
