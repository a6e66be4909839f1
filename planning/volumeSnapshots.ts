import { labels, POINT_LABEL, volumeGroupName, volumeSnapshotName } from "./names";
import type { KubernetesObject } from "./plan";
import type { GroupVersion, PointVolume } from "./pointRecord";

/** What decides how the volumes of a point are taken. */
export interface VolumeTake {
  readonly stack: string;
  readonly point: string;
  /** Name of the VolumeSnapshotClass, and of the VolumeGroupSnapshotClass. */
  readonly className: string;
  /** Version of the group snapshot API; undefined: one snapshot for each volume. */
  readonly groupVersion: GroupVersion | undefined;
  readonly volumes: readonly PointVolume[];
}

/**
 * The objects that take a point's volumes once they are created: a VolumeSnapshot for each claim, or a
 * VolumeGroupSnapshot for each namespace, which selects the claims by the point's label. Names come from point and claim
 * alone, so that a later run finds what an earlier one created.
 */
export function snapshotObjects(take: VolumeTake): readonly KubernetesObject[] {
  return take.groupVersion === undefined
    ? take.volumes.map((volume) => single(take, volume))
    : [...new Set(take.volumes.map(({ namespace }) => namespace))].map((namespace) =>
        group(take, namespace, take.groupVersion as GroupVersion),
      );
}

/** Labels by which a point's snapshots, and nothing else, are selected. */
export function pointLabels({
  stack,
  point,
}: Pick<VolumeTake, "stack" | "point">): Record<string, string> {
  return { ...labels(stack), [POINT_LABEL]: point };
}

function single(take: VolumeTake, { namespace, claim }: PointVolume): KubernetesObject {
  const name = volumeSnapshotName(take.point, claim);
  return {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshot",
    metadata: { name, namespace, labels: pointLabels(take) },
    spec: {
      volumeSnapshotClassName: take.className,
      source: { persistentVolumeClaimName: claim },
    },
  };
}

function group(take: VolumeTake, namespace: string, version: GroupVersion): KubernetesObject {
  return {
    apiVersion: `groupsnapshot.storage.k8s.io/${version}`,
    kind: "VolumeGroupSnapshot",
    metadata: { name: volumeGroupName(take.point), namespace, labels: pointLabels(take) },
    spec: {
      volumeGroupSnapshotClassName: take.className,
      source: { selector: { matchLabels: { [POINT_LABEL]: take.point } } },
    },
  };
}
