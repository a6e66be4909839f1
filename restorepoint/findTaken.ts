import type { ClusterClient } from "../clients/kubernetes/client";
import {
  fieldText,
  fullName,
  referenceOf,
  type ClusterObject,
  type ObjectReference,
} from "../clients/kubernetes/object";
import { carries } from "../clients/kubernetes/ownObjects";
import type { VcenterClient } from "../clients/vcenter/client";
import {
  parseOwnerMark,
  snapshotName,
  VERIFY_LABEL,
  volumeGroupName,
  volumeSnapshotName,
} from "../planning/names";
import type { PointRecord } from "../planning/pointRecord";
import { pointLabels } from "../planning/volumeSnapshots";
import { readCluster, type ClusterSnapshots } from "./liveSnapshots";
import { groupHandleOf, groupOf } from "./served";

/** What is there of a point, whoever took it and however far that came: found by mark, never by name alone. */
export interface TakeLeftovers {
  readonly groups: readonly ObjectReference[];
  /** VolumeGroupSnapshotContents whose group is gone. */
  readonly groupContents: readonly ObjectReference[];
  /** VolumeSnapshots; members of groups are not among them. */
  readonly snapshots: readonly ObjectReference[];
  /** VolumeSnapshotContents, also those whose VolumeSnapshot is gone. */
  readonly contents: readonly TakenContent[];
  readonly vms: readonly TakenVm[];
}

export const NOTHING_TAKEN: TakeLeftovers = {
  groups: [],
  groupContents: [],
  snapshots: [],
  contents: [],
  vms: [],
};

export interface TakenContent {
  readonly name: string;
  /** `namespace/name` of its VolumeSnapshot. */
  readonly snapshot: string;
  /** Whether a group made it: it goes with the group. */
  readonly ofGroup: boolean;
}

export interface TakenVm {
  /** Name of the virtual machine. */
  readonly vm: string;
  /** Reference of the snapshot. */
  readonly snapshot: string;
}

/** What is looked for: the point of a stack, and the names that its snapshots have or would have. */
export interface TakeQuestion {
  readonly stack: string;
  /** Class that snapshots are taken with. */
  readonly className: string;
  readonly point: Pick<PointRecord, "name" | "volumes">;
}

/** Reads all that was taken for a point. @param vcenter undefined where the point takes no VMs */
export async function findTaken(
  client: ClusterClient,
  vcenter: VcenterClient | undefined,
  question: TakeQuestion,
): Promise<TakeLeftovers> {
  const [live, vms] = await Promise.all([
    readCluster(client),
    vcenter === undefined ? [] : findVms(vcenter, question),
  ]);
  return { ...takenByMark(live, question), vms };
}

/** What the cluster has of a point by the point's marks, also where nothing of it is recorded. Pure. */
export function takenByMark(live: ClusterSnapshots, question: TakeQuestion): TakeLeftovers {
  const { className, point } = question;
  const own = [...live.snapshots].filter(([, { object }]) => isOurs(object, question));
  const groups = live.groups.filter((group) => isOurs(group, question));
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
    vms: [],
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
  { stack, point: { name } }: { readonly stack: string; readonly point: { readonly name: string } },
): boolean {
  return (
    object.metadata.labels?.[VERIFY_LABEL] === undefined &&
    carries(object, pointLabels({ stack, point: name }))
  );
}

async function findVms(vcenter: VcenterClient, { stack, point }: TakeQuestion): Promise<TakenVm[]> {
  const vms = await vcenter.vms();
  return vms.flatMap(({ name, snapshots }) =>
    snapshots
      .filter((snapshot) => {
        const owner = parseOwnerMark(snapshot.description);
        const ours = owner?.stack === stack && owner.point === point.name;
        return ours && snapshot.name === snapshotName(stack, point.name);
      })
      .map(({ reference }) => ({ vm: name, snapshot: reference })),
  );
}
