import {
  fieldText,
  fullName,
  referenceOf,
  type ClusterObject,
  type ObjectReference,
} from "../clients/kubernetes/object";
import { carries } from "../clients/kubernetes/ownObjects";
import { VERIFY_LABEL, volumeGroupName, volumeSnapshotName } from "../planning/names";
import type { PointRecord } from "../planning/pointRecord";
import { pointLabels } from "../planning/volumeSnapshots";
import type { ClusterSnapshots } from "./liveSnapshots";
import { groupHandleOf, groupOf } from "./served";

/** What the cluster has of a point, whoever took it and however far that came: found by mark, never by name alone. */
export interface TakeLeftovers {
  readonly groups: readonly ObjectReference[];
  /** VolumeGroupSnapshotContents whose group is gone. */
  readonly groupContents: readonly ObjectReference[];
  /** VolumeSnapshots; members of groups are not among them. */
  readonly snapshots: readonly ObjectReference[];
  /** VolumeSnapshotContents, also those whose VolumeSnapshot is gone. */
  readonly contents: readonly TakenContent[];
}

export const NOTHING_TAKEN: TakeLeftovers = {
  groups: [],
  groupContents: [],
  snapshots: [],
  contents: [],
};

export interface TakenContent {
  readonly name: string;
  /** `namespace/name` of its VolumeSnapshot. */
  readonly snapshot: string;
  /** Whether a group made it: it goes with the group. */
  readonly ofGroup: boolean;
}

/** What names a point and the snapshots that it has or would have. */
export type TakenPoint = Pick<PointRecord, "stack" | "name" | "volumes">;

/** What the cluster has by a point's marks, also where nothing of it is recorded. Pure. @param className of its snapshots */
export function takenByMark(
  live: ClusterSnapshots,
  point: TakenPoint,
  className: string,
): TakeLeftovers {
  const own = [...live.snapshots].filter(([, { object }]) => isOurs(object, point));
  const groups = live.groups.filter((group) => isOurs(group, point));
  const groupNames = new Set(
    point.volumes.map(({ namespace }) => `${namespace}/${volumeGroupName(point.name)}`),
  );
  const living = new Set(live.groups.map(fullName));
  // What is left of ours: its object is gone, had the name that only ours has, and was taken with our class. Where somebody
  // else's object lives under that name, the content is theirs for all that can be told.
  const groupContents = live.groupContents.filter((content) => {
    const owner = groupOf(content);
    const used = fieldText(content, "spec", "volumeGroupSnapshotClassName");
    return groupNames.has(owner) && used === className && !living.has(owner);
  });
  const ownNames = new Set(own.map(([name]) => name));
  const names = new Set(
    point.volumes.map(
      ({ namespace, claim }) => `${namespace}/${volumeSnapshotName(point.name, claim)}`,
    ),
  );
  const ownGroups = new Set(groups.map(fullName));
  const handles = new Set(groupContents.map(groupHandleOf).filter((handle) => handle !== ""));
  const contents = live.contents.flatMap(({ object, name, snapshot }): TakenContent[] => {
    const bound = live.snapshots.get(snapshot)?.object;
    const ofGroup =
      bound !== undefined &&
      ownGroups.has(
        `${bound.metadata.namespace ?? ""}/${fieldText(bound, "status", "volumeGroupSnapshotName")}`,
      );
    const isAlone =
      names.has(snapshot) &&
      fieldText(object, "spec", "volumeSnapshotClassName") === className &&
      bound === undefined;
    const ofLoneGroup = handles.has(object.metadata.annotations?.[GROUP_HANDLE] ?? "");
    return ofGroup || ownNames.has(snapshot) || ofLoneGroup || isAlone
      ? [{ name, snapshot, ofGroup }]
      : [];
  });
  return {
    groups: groups.map(referenceOf),
    groupContents: groupContents.map(referenceOf),
    snapshots: own.map(([, { object }]) => referenceOf(object)),
    contents,
  };
}

/** Contents that no VolumeSnapshot among the leftovers, and no group, takes along. */
export function contentsAlone({ contents, snapshots }: TakeLeftovers): readonly TakenContent[] {
  const names = new Set(snapshots.map(({ namespace = "", name }) => `${namespace}/${name}`));
  return contents.filter(({ snapshot, ofGroup }) => !ofGroup && !names.has(snapshot));
}

/** Put by the controller on the contents of a group's members. */
const GROUP_HANDLE = "groupsnapshot.storage.k8s.io/volumeGroupSnapshotHandle";

/** What a verification made carries the point's label, too, and is no part of it: its content is a second one. */
export function isOurs(
  object: ClusterObject,
  { stack, name }: Pick<PointRecord, "stack" | "name">,
): boolean {
  return (
    object.metadata.labels?.[VERIFY_LABEL] === undefined &&
    carries(object, pointLabels({ stack, point: name }))
  );
}
