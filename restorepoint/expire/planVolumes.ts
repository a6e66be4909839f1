import {
  fullName,
  referenceOf,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import { whyUnread, type Read } from "../../clients/access";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import { VERIFY_LABEL } from "../../planning/names";
import { isLiving, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord, VolumeMember } from "../../planning/pointRecord";
import {
  isOurs,
  NOTHING_TAKEN,
  takenByMark,
  type TakenContent,
  type TakeLeftovers,
} from "../findTaken";
import type { ClusterSnapshots } from "../liveSnapshots";
import { ownContent } from "../presence";
import { groupOf, handlePairs } from "../served";

/** What there is to say of a removal, for people: what stays, why it waits, and what could not be read. */
export interface Said {
  readonly left: string[];
  readonly refusals: string[];
  readonly unknown: string[];
}

/** What there is of one member. */
interface Found {
  /** Undefined for one that goes with its group: the controller refuses to remove it alone. */
  readonly snapshot: ObjectReference | undefined;
  readonly content: TakenContent | undefined;
}

/** What removing a point's volumes would remove, by their recorded handles; what was never recorded, by its marks. */
export function planVolumeRemoval(
  point: PointRecord,
  className: string,
  cluster: Read<ClusterSnapshots>,
  said: Said,
): TakeLeftovers {
  if (cluster.state !== "read") {
    said.unknown.push(`Volume snapshots: ${whyUnread(cluster, "The cluster was not opened.")}`);
    return NOTHING_TAKEN;
  }
  const live = cluster.value;
  if (point.takenAt === undefined) {
    return takenByMark(live, point, className);
  }
  const members = volumeMembers(point).filter(({ lost }) => lost === undefined);
  const wanted = new Set(members.flatMap((member) => groupKey(member) ?? []));
  const groups = live.groups.filter((one) => isOurs(one, point) && wanted.has(fullName(one)));
  const inGroup = new Set(groups.map(fullName));
  const found = members.map((member) => findMember(member, point, live, inGroup, said));
  return {
    groups: groups.map(referenceOf),
    groupContents: groupContents(point, live, inGroup),
    snapshots: found.flatMap(({ snapshot }) => snapshot ?? []),
    contents: found.flatMap(({ content }) => content ?? []),
  };
}

function groupKey({ namespace, group }: VolumeMember): string | undefined {
  return group === undefined ? undefined : `${namespace}/${group}`;
}

function findMember(
  member: VolumeMember,
  { state }: PointRecord,
  live: ClusterSnapshots,
  inGroup: ReadonlySet<string>,
  said: Said,
): Found {
  const { namespace, claim, snapshot: name, handle } = member;
  const key = `${namespace}/${name}`;
  const what = `Snapshot of ${namespace}/${claim} (${handle})`;
  const ofGroup = inGroup.has(groupKey(member) ?? "");
  const content = ownContent(member, live.contents);
  const others = live.contents.filter((one) => one.handle === handle && one !== content);
  const bound = live.snapshots.get(key);
  // Also the object whose content is gone already: it still waits for its finalizers.
  const leads = bound !== undefined && [content?.name, member.content].includes(bound.content);
  // What is missing since the removal began was removed by it; the run that began it said what was not there.
  const isMissing = content === undefined && isLiving(member) && !leads && state !== "expiring";
  const isOther = bound !== undefined && !leads && bound.content !== "";
  if (isMissing) {
    said.left.push(
      `${what}: no VolumeSnapshotContent has that handle; if the storage still has it, it stays there`,
    );
  }
  if (isOther) {
    said.left.push(
      `VolumeSnapshot ${key}: it is bound to ${bound.content}, which was not taken for this point`,
    );
  }
  said.refusals.push(
    ...others.map(
      (other) =>
        `${what}: ${other.name} of VolumeSnapshot ${other.snapshot} has the same snapshot; end what uses it first`,
    ),
    ...live.restoring
      .filter(({ snapshot }) => leads && snapshot === key)
      .map(({ claim: waiting }) => `${what}: claim ${waiting} is being made from it`),
  );
  return {
    snapshot:
      leads && !ofGroup
        ? { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshot", namespace, name }
        : undefined,
    content: content && { name: content.name, snapshot: key, ofGroup },
  };
}

/**
 * Contents of groups whose VolumeGroupSnapshot is gone: the sidecar removes the storage's snapshots of a group with
 * these and with nothing else, so that they are to be told to.
 */
function groupContents(
  point: PointRecord,
  live: ClusterSnapshots,
  groups: ReadonlySet<string>,
): readonly ObjectReference[] {
  const handles = new Set(volumeMembers(point).map(({ handle }) => handle));
  const isOfPoint = (content: ClusterObject): boolean => {
    const members = handlePairs(content).flatMap(({ snapshotHandle }) => snapshotHandle ?? []);
    return members.length > 0 && members.every((one) => handles.has(one));
  };
  return live.groupContents
    .filter(
      (content) =>
        content.metadata.labels?.[VERIFY_LABEL] === undefined &&
        !groups.has(groupOf(content)) &&
        isOfPoint(content),
    )
    .map(referenceOf);
}
