import {
  groupResourceName,
  labels,
  POINT_LABEL,
  volumeGroupName,
  volumeResourceName,
  volumeSnapshotName,
} from "./names";
import type { RestorePointPlan, VolumeGroupMember, VolumeSnapshotMember } from "./plan";
import { isLiving, volumeKey, volumeMembers } from "./pointMembers";
import type { GroupVersion, PointVolume, RestorePointFile, Site, VolumeMember } from "./site";

type VolumePlan = Pick<RestorePointPlan, "volumes" | "volumeGroups" | "intendedVolumes">;

/**
 * What a point registers of its volumes, by the rule of its VM snapshots: nothing before it is being cut, and
 * afterwards exactly what was recorded, whatever the file lists.
 */
export function planVolumes(site: Site, point: RestorePointFile): VolumePlan {
  const recorded = volumeMembers(point);
  const intendedVolumes =
    point.takenAt === undefined
      ? point.volumes
      : recorded.map(({ namespace, claim, uid }) => ({ namespace, claim, uid }));
  const taken = takenVolumes(point, recorded);
  return point.groupVersion === undefined
    ? {
        intendedVolumes,
        volumes: taken.map(({ volume, taken }) => single(site, point, volume, taken)),
        volumeGroups: [],
      }
    : {
        intendedVolumes,
        volumes: [],
        volumeGroups: groups(site, point, taken, point.groupVersion),
      };
}

interface Taken {
  readonly volume: PointVolume;
  readonly taken: VolumeMember | undefined;
}

function takenVolumes(
  point: RestorePointFile,
  recorded: readonly VolumeMember[],
): readonly Taken[] {
  if (point.state === "expired") {
    return [];
  }
  const living = recorded.filter(isLiving).map((taken) => ({ volume: identity(taken), taken }));
  if (point.takenAt !== undefined) {
    return living;
  }
  if (point.state !== "taking") {
    return [];
  }
  const known = new Set(recorded.map(({ namespace, claim }) => volumeKey(namespace, claim)));
  const fresh = point.volumes.filter(
    ({ namespace, claim }) => !known.has(volumeKey(namespace, claim)),
  );
  return [...living, ...fresh.map((volume) => ({ volume, taken: undefined }))];
}

function identity({ namespace, claim, uid }: PointVolume): PointVolume {
  return { namespace, claim, uid };
}

function single(
  site: Site,
  point: RestorePointFile,
  volume: PointVolume,
  taken: VolumeMember | undefined,
): VolumeSnapshotMember {
  return {
    ...volume,
    resourceName: volumeResourceName(point.name, volume.namespace, volume.claim),
    snapshotName: taken?.snapshot ?? volumeSnapshotName(point.name, volume.claim),
    className: site.snapshots.className,
    labels: memberLabels(site, point),
    taken,
  };
}

/** A group is one object in its namespace: it stays registered while any of its members is there. */
function groups(
  site: Site,
  point: RestorePointFile,
  taken: readonly Taken[],
  version: GroupVersion,
): readonly VolumeGroupMember[] {
  const namespaces = [...new Set(taken.map(({ volume }) => volume.namespace))];
  return namespaces.map((namespace) => {
    const own = taken.filter(({ volume }) => volume.namespace === namespace);
    return {
      namespace,
      resourceName: groupResourceName(point.name, namespace),
      groupName: volumeGroupName(point.name),
      version,
      className: site.snapshots.className,
      labels: memberLabels(site, point),
      matchLabels: { [POINT_LABEL]: point.name },
      claims: own.map(({ volume }) => volume),
      taken: own.flatMap(({ taken }) => (taken === undefined ? [] : [taken])),
    };
  });
}

function memberLabels(site: Site, point: RestorePointFile): Record<string, string> {
  return { ...labels(site.stack), [POINT_LABEL]: point.name };
}
