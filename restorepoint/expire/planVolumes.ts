import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { labels, POINT_LABEL, VERIFY_LABEL, volumeSnapshotName } from "../../planning/names";
import { isLiving, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord, VolumeMember } from "../../planning/pointRecord";

import type { Read } from "../../clients/access";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import type { TakenContent, TakeLeftovers } from "../findTaken";
import type { ClusterSnapshots } from "../liveSnapshots";
import { ownContent } from "../presence";

export interface VolumeRemoval {
  readonly leftovers: TakeLeftovers;
  readonly left: readonly string[];
  readonly refusals: readonly string[];
  readonly unknown: readonly string[];
}

/** What there is of one member. */
interface Found {
  readonly snapshot: ObjectReference | undefined;
  readonly content: TakenContent | undefined;
  /** That nothing leads to it any more, for people. */
  readonly missing: readonly string[];
  readonly left: readonly string[];
  readonly refusals: readonly string[];
}

const nothing: TakeLeftovers = { groups: [], snapshots: [], contents: [], vms: [] };

/** What removing a point's volumes would remove, by their recorded handles; what was never recorded, by its marks. */
export function planVolumeRemoval(
  stack: string,
  point: PointRecord,
  cluster: Read<ClusterSnapshots>,
): VolumeRemoval {
  if (cluster.state !== "read") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not opened.";
    return { leftovers: nothing, left: [], refusals: [], unknown: [`Volume snapshots: ${why}`] };
  }
  const live = cluster.value;
  if (point.takenAt === undefined) {
    return { leftovers: byMark(stack, point, live), left: [], refusals: [], unknown: [] };
  }
  const members = volumeMembers(point).filter(({ lost }) => lost === undefined);
  const groups = groupsOf(stack, point, live);
  const inGroup = new Set(groups.map(({ namespace, name }) => `${namespace ?? ""}/${name}`));
  const found = members.map((member) => findMember(member, live, inGroup));
  // What is missing since the removal began was removed by it; the run that began it said what was not there.
  const isBegun = point.state === "expiring";
  const snapshots = found.flatMap(({ snapshot }) => snapshot ?? []);
  return {
    leftovers: {
      groups,
      groupContents: groupContents(point, live, groups),
      // A group's own are removed with it, and the controller refuses to remove one alone.
      snapshots: snapshots.filter((_, index) => !isOfGroup(members, snapshots, index, inGroup)),
      contents: found.flatMap(({ content }) => content ?? []),
      vms: [],
    },
    left: found.flatMap(({ missing, left }) => [...(isBegun ? [] : missing), ...left]),
    refusals: found.flatMap(({ refusals }) => refusals),
    unknown: [],
  };
}

function isOfGroup(
  members: readonly VolumeMember[],
  snapshots: readonly ObjectReference[],
  index: number,
  inGroup: ReadonlySet<string>,
): boolean {
  const snapshot = snapshots[index];
  const member = members.find(
    (one) => one.namespace === snapshot?.namespace && one.snapshot === snapshot.name,
  );
  return member?.group !== undefined && inGroup.has(`${member.namespace}/${member.group}`);
}

function findMember(
  member: VolumeMember,
  live: ClusterSnapshots,
  inGroup: ReadonlySet<string>,
): Found {
  const { namespace, claim, snapshot: name, handle } = member;
  const key = `${namespace}/${name}`;
  const what = `Snapshot of ${namespace}/${claim} (${handle})`;
  const content = ownContent(member, live.contents);
  const others = live.contents.filter((one) => one.handle === handle && one !== content);
  const bound = live.snapshots.get(key);
  // Also the object whose content is gone already: it still waits for its finalizers.
  const leads = bound !== undefined && [content?.name, member.content].includes(bound.content);
  const missing =
    content === undefined && isLiving(member) && !leads
      ? [
          `${what}: no VolumeSnapshotContent has that handle; if the storage still has it, it stays there`,
        ]
      : [];
  const left = [
    ...(bound !== undefined && !leads && bound.content !== ""
      ? [
          `VolumeSnapshot ${key}: it is bound to ${bound.content}, which was not taken for this point`,
        ]
      : []),
  ];
  const refusals = [
    ...others.map(
      (other) =>
        `${what}: ${other.name} of VolumeSnapshot ${other.snapshot} has the same snapshot; end what uses it first`,
    ),
    ...live.restoring
      .filter(({ snapshot }) => leads && snapshot === key)
      .map(({ claim: waiting }) => `${what}: claim ${waiting} is being made from it`),
  ];
  return {
    snapshot: leads
      ? { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot", namespace, name }
      : undefined,
    content:
      content === undefined
        ? undefined
        : {
            name: content.name,
            snapshot: key,
            ofGroup: member.group !== undefined && inGroup.has(`${namespace}/${member.group}`),
          },
    missing,
    left,
    refusals,
  };
}

function groupsOf(
  stack: string,
  point: PointRecord,
  { groups }: ClusterSnapshots,
): readonly ObjectReference[] {
  const wanted = new Set(
    volumeMembers(point).flatMap(({ namespace, group }) =>
      group === undefined ? [] : [`${namespace}/${group}`],
    ),
  );
  return groups
    .filter((one) => isMarked(one, stack, point.name))
    .map(referenceTo)
    .filter(({ namespace, name }) => wanted.has(`${namespace ?? ""}/${name}`));
}

/**
 * Contents of groups whose VolumeGroupSnapshot is gone: the sidecar removes the storage's snapshots of a group with
 * these and with nothing else, so that they are to be told to.
 */
function groupContents(
  point: PointRecord,
  live: ClusterSnapshots,
  groups: readonly ObjectReference[],
): readonly ObjectReference[] {
  const there = new Set(groups.map(({ namespace, name }) => `${namespace ?? ""}/${name}`));
  const handles = new Set(volumeMembers(point).map(({ handle }) => handle));
  return live.groupContents
    .filter((content) => {
      const { reference, members } = groupContentOf(content);
      return (
        content.metadata.labels?.[VERIFY_LABEL] === undefined &&
        !there.has(reference) &&
        members.length > 0 &&
        members.every((one) => handles.has(one))
      );
    })
    .map(referenceTo);
}

interface HandlePair {
  readonly snapshotHandle?: string;
}

function groupContentOf(content: ClusterObject): {
  readonly reference: string;
  readonly members: readonly string[];
} {
  const spec = (content["spec"] ?? {}) as {
    readonly volumeGroupSnapshotRef?: { readonly namespace?: string; readonly name?: string };
  };
  const status = (content["status"] ?? {}) as {
    readonly volumeSnapshotInfoList?: readonly HandlePair[];
    readonly volumeSnapshotHandlePairList?: readonly HandlePair[];
  };
  const pairs = status.volumeSnapshotInfoList ?? status.volumeSnapshotHandlePairList ?? [];
  const { namespace = "", name = "" } = spec.volumeGroupSnapshotRef ?? {};
  return {
    reference: `${namespace}/${name}`,
    members: pairs.flatMap(({ snapshotHandle }) => snapshotHandle ?? []),
  };
}

/** What a failed take has left: nothing of it is recorded. */
function byMark(stack: string, point: PointRecord, live: ClusterSnapshots): TakeLeftovers {
  const groups = live.groups.filter((one) => isMarked(one, stack, point.name)).map(referenceTo);
  const own = [...live.snapshots.values()].filter(({ object }) =>
    isMarked(object, stack, point.name),
  );
  const names = new Set([
    ...own.map(({ object }) => `${object.metadata.namespace ?? ""}/${object.metadata.name}`),
    // Of a content that is left alone only this name says whose it was; a live namesake without our mark is another's.
    ...point.volumes
      .map(({ namespace, claim }) => `${namespace}/${volumeSnapshotName(point.name, claim)}`)
      .filter((name) => !live.snapshots.has(name)),
  ]);
  return {
    groups,
    snapshots: own.map(({ object }) => referenceTo(object)),
    contents: live.contents
      .filter((content) => names.has(content.snapshot))
      .map((content) => ({ name: content.name, snapshot: content.snapshot, ofGroup: false })),
    vms: [],
  };
}

type Marked = Pick<ClusterObject, "apiVersion" | "kind" | "metadata">;

function isMarked({ metadata }: Marked, stack: string, point: string): boolean {
  const wanted = { ...labels(stack), [POINT_LABEL]: point };
  return Object.entries(wanted).every(([key, value]) => metadata.labels?.[key] === value);
}

function referenceTo({ apiVersion, kind, metadata }: Marked): ObjectReference {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}
