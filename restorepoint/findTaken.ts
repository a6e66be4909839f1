import type { ClusterClient } from "../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../clients/kubernetes/object";
import {
  labels,
  parseOwnerMark,
  POINT_LABEL,
  VERIFY_LABEL,
  snapshotName,
  volumeGroupName,
} from "../planning/names";
import type { VcenterClient } from "../clients/vcenter/client";
import { listGroups } from "./served";

/** What is there of a point, whoever took it and however far that came: found by mark, never by name alone. */
export interface TakeLeftovers {
  readonly groups: readonly ObjectReference[];
  /** VolumeGroupSnapshotContents whose group is gone; default none. */
  readonly groupContents?: readonly ObjectReference[];
  /** VolumeSnapshots; members of groups are not among them. */
  readonly snapshots: readonly ObjectReference[];
  /** VolumeSnapshotContents, also those whose VolumeSnapshot is gone. */
  readonly contents: readonly TakenContent[];
  readonly vms: readonly TakenVm[];
}

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
  readonly point: string;
  /** `namespace/name` of the VolumeSnapshots that the point's claims have or would have. */
  readonly snapshots: ReadonlySet<string>;
  /** Class that they are taken with. */
  readonly className: string;
}

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Reads all that was taken for a point. @param vcenter undefined where the point takes no VMs */
export async function findTaken(
  client: ClusterClient,
  vcenter: VcenterClient | undefined,
  question: TakeQuestion,
): Promise<TakeLeftovers> {
  const [snapshots, contents, groups, groupContents, vms] = await Promise.all([
    client.list(SNAPSHOT_API, "VolumeSnapshot"),
    client.list(SNAPSHOT_API, "VolumeSnapshotContent"),
    listGroups(client, "VolumeGroupSnapshot"),
    listGroups(client, "VolumeGroupSnapshotContent"),
    vcenter === undefined ? [] : findVms(vcenter, question),
  ]);
  const ownGroups = groups.filter((group) => isOurs(group, question));
  const aloneGroupContents = groupContents.filter((content) =>
    isLeftAlone(refOf(content, "volumeGroupSnapshotRef"), groups, content, {
      ...question,
      names: groupNames(question),
    }),
  );
  return {
    groups: ownGroups.map(referenceTo),
    groupContents: aloneGroupContents.map(referenceTo),
    snapshots: snapshots.filter((one) => isOurs(one, question)).map(referenceTo),
    contents: ourContents(snapshots, contents, ownGroups, aloneGroupContents, question),
    vms,
  };
}

function ourContents(
  snapshots: readonly ClusterObject[],
  contents: readonly ClusterObject[],
  groups: readonly ClusterObject[],
  groupContents: readonly ClusterObject[],
  question: TakeQuestion,
): readonly TakenContent[] {
  const own = new Set(snapshots.filter((one) => isOurs(one, question)).map(fullName));
  const groupKeys = new Set(groups.map(fullName));
  const members = new Set(
    snapshots
      .filter((one) => groupKeys.has(`${one.metadata.namespace ?? ""}/${groupNameOf(one)}`))
      .map(fullName),
  );
  const groupHandles = new Set(groupContents.map(groupHandleOf).filter((handle) => handle !== ""));
  return contents.flatMap((content): TakenContent[] => {
    const { name } = content.metadata;
    const snapshot = refOf(content, "volumeSnapshotRef");
    if (members.has(snapshot)) {
      return [{ name, snapshot, ofGroup: true }];
    }
    const ofLoneGroup = groupHandles.has(content.metadata.annotations?.[GROUP_HANDLE] ?? "");
    const alone = { ...question, names: question.snapshots };
    return own.has(snapshot) || ofLoneGroup || isLeftAlone(snapshot, snapshots, content, alone)
      ? [{ name, snapshot, ofGroup: false }]
      : [];
  });
}

/** Put by the controller on the contents of a group's members. */
const GROUP_HANDLE = "groupsnapshot.storage.k8s.io/volumeGroupSnapshotHandle";

/**
 * Whether a content is what is left of ours: its object is gone, had the name that only ours has, and was taken with our
 * class. Where somebody else's object lives under that name, the content is theirs for all that can be told.
 */
function isLeftAlone(
  owner: string,
  living: readonly ClusterObject[],
  content: ClusterObject,
  { names, className }: { readonly names: ReadonlySet<string>; readonly className: string },
): boolean {
  const spec = (content["spec"] ?? {}) as Readonly<Record<string, unknown>>;
  const used = spec["volumeSnapshotClassName"] ?? spec["volumeGroupSnapshotClassName"];
  return (
    names.has(owner) && used === className && !living.some((object) => fullName(object) === owner)
  );
}

/** `namespace/name` that the groups of a point have or would have. */
function groupNames({ point, snapshots }: TakeQuestion): ReadonlySet<string> {
  return new Set(
    [...snapshots].map((name) => `${name.split("/")[0] ?? ""}/${volumeGroupName(point)}`),
  );
}

/** What a verification made carries the point's label, too, and is no part of it: its content is a second one. */
function isOurs(object: ClusterObject, { stack, point }: TakeQuestion): boolean {
  if (object.metadata.labels?.[VERIFY_LABEL] !== undefined) {
    return false;
  }
  const wanted = { ...labels(stack), [POINT_LABEL]: point };
  return Object.entries(wanted).every(([key, value]) => object.metadata.labels?.[key] === value);
}

function groupNameOf(snapshot: ClusterObject): string {
  const status = snapshot["status"] as { readonly volumeGroupSnapshotName?: string } | undefined;
  return status?.volumeGroupSnapshotName ?? "";
}

function groupHandleOf(content: ClusterObject): string {
  const status = content["status"] as { readonly volumeGroupSnapshotHandle?: string } | undefined;
  return status?.volumeGroupSnapshotHandle ?? "";
}

async function findVms(vcenter: VcenterClient, { stack, point }: TakeQuestion): Promise<TakenVm[]> {
  const vms = await vcenter.vms();
  return vms.flatMap(({ name, snapshots }) =>
    snapshots
      .filter((snapshot) => {
        const owner = parseOwnerMark(snapshot.description);
        const ours = owner?.stack === stack && owner.point === point;
        return ours && snapshot.name === snapshotName(stack, point);
      })
      .map(({ reference }) => ({ vm: name, snapshot: reference })),
  );
}

/** `namespace/name` of the object that a content belongs to. */
function refOf(content: ClusterObject, field: string): string {
  const spec = (content["spec"] ?? {}) as Readonly<
    Record<string, { readonly namespace?: string; readonly name?: string } | undefined>
  >;
  return `${spec[field]?.namespace ?? ""}/${spec[field]?.name ?? ""}`;
}

function fullName({ metadata }: ClusterObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

function referenceTo({ apiVersion, kind, metadata }: ClusterObject): ObjectReference {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}
