import type { Read } from "../clients/access";
import type { VmSnapshot } from "../clients/vcenter/vms";
import type { LiveVm } from "../drift/types";
import type { LiveContent } from "../drift/volumeObjects";
import { parseOwnerMark, snapshotName, VERIFY_LABEL } from "../planning/names";
import { isLiving, memberKey, RELEASE_KEY, volumeMembers } from "../planning/pointMembers";
import type { PointMember, PointRecord, VmMember, VolumeMember } from "../planning/pointRecord";
import type { ClusterSnapshots, LiveSnapshots } from "./liveSnapshots";
import { groupHandleOf } from "./served";

/**
 * - `there`: seen in the live system under its recorded handle
 * - `unbound`: its content is there, and its VolumeSnapshot is gone or leads elsewhere
 * - `missing`: looked for and not found; its point no longer leads back for it
 * - `lost`: a command has found it missing, or a verification has tried its handle in vain
 * - `ended`: removed on purpose; `left`: its removal was begun, and it is still there
 * - `unknown`: the system could not be read
 * - `notLooked`: nothing that a command can ask from here, e.g. a file on a node
 */
export type Presence =
  "there" | "unbound" | "missing" | "lost" | "ended" | "left" | "unknown" | "notLooked";

export interface PresenceFacts {
  readonly presence: Presence;
  /** Why, where the presence alone does not say it; of one that is there: why it cannot be relied on. */
  readonly why?: string;
  /** VM snapshots of others and of younger points that hang below it, for people. */
  readonly below?: readonly string[];
  /** Those that it hangs below. */
  readonly above?: readonly string[];
}

type Point = Pick<PointRecord, "stack" | "name" | "state" | "verifications">;

/** Whether a member is still there, by what the live systems say of its recorded handle. Pure. */
export function presenceOf(
  member: PointMember,
  point: Point,
  { cluster, vcenter }: LiveSnapshots,
): PresenceFacts {
  switch (member.kind) {
    case "volume":
      return volumePresence(member, point, cluster);
    case "virtualMachine":
      return vmPresence(member, point, vcenter);
    case "etcd":
      return { presence: marked(member) ?? "notLooked" };
  }
}

/**
 * When a point was last proven: the oldest of its volumes' newest proofs. Undefined while one of its volumes has none, was
 * found wrong since, or is not there and usable now, while the stored objects of the release were found wrong, and for a
 * point without volumes: VM snapshots end by themselves and prove nothing.
 */
export function provenAt(
  point: Pick<PointRecord, "members"> & Point,
  cluster: Read<ClusterSnapshots>,
): string | undefined {
  const members = volumeMembers(point);
  const proven = members.every((member) => {
    const { presence, why } = volumePresence(member, point, cluster);
    return presence === "there" && why === undefined;
  });
  return proven ? lastProof(point) : undefined;
}

/** The same by the record alone: whether it still holds, nobody has looked. */
export function lastProof({
  members,
  verifications,
}: Pick<PointRecord, "members" | "verifications">): string | undefined {
  const proofs = volumeMembers({ members }).map((member) => {
    const last = verifications.findLast((one) => one.member === memberKey(member));
    return last?.result === "proven" && isLiving(member) ? last.at : undefined;
  });
  const given = proofs.filter((at) => at !== undefined);
  const release = verifications.findLast(({ member }) => member === RELEASE_KEY);
  return given.length < proofs.length || release?.result === "failed"
    ? undefined
    : given.sort((one, other) => Date.parse(one) - Date.parse(other))[0];
}

/** Living volumes that no VolumeSnapshot leads to; the storage may still have their snapshots. */
export function unboundMembers(
  point: Pick<PointRecord, "members"> & Point,
  value: ClusterSnapshots,
): readonly VolumeMember[] {
  return volumeMembers(point).filter(
    (member) =>
      isLiving(member) &&
      ["unbound", "missing", "lost"].includes(
        volumePresence(member, point, { state: "read", value }).presence,
      ),
  );
}

/**
 * Those of them that can be bound one by one: what is of a group ends with it, so that its members are not bound without it.
 * Verifying and rolling back need neither.
 */
export function bindableMembers(
  unbound: readonly VolumeMember[],
  { groupContents }: Pick<ClusterSnapshots, "groupContents">,
): readonly VolumeMember[] {
  const known = new Set(groupContents.map(groupHandleOf));
  return unbound.filter(({ groupHandle }) => groupHandle === undefined || known.has(groupHandle));
}

const indexes = new WeakMap<readonly LiveContent[], Map<string, LiveContent[]>>();

/** The contents by their handle, worked out once: thousands of members look for theirs in the same list. */
function byHandle(contents: readonly LiveContent[]): ReadonlyMap<string, readonly LiveContent[]> {
  let index = indexes.get(contents);
  if (index === undefined) {
    index = new Map();
    for (const content of contents) {
      index.set(content.handle, [...(index.get(content.handle) ?? []), content]);
    }
    indexes.set(contents, index);
  }
  return index;
}

/** The content that leads to a volume's snapshot; what was made to verify it, or by others, is none. */
export function ownContent(
  { handle, namespace, snapshot, content: name }: VolumeMember,
  contents: readonly LiveContent[],
): LiveContent | undefined {
  return byHandle(contents)
    .get(handle)
    ?.find(
      (content) =>
        content.object.metadata.labels?.[VERIFY_LABEL] === undefined &&
        (content.name === name || content.snapshot === `${namespace}/${snapshot}`),
    );
}

function volumePresence(
  member: VolumeMember,
  { state, verifications }: Point,
  cluster: Read<ClusterSnapshots>,
): PresenceFacts {
  const mark = marked(member);
  if (cluster.state !== "read") {
    return { presence: mark ?? "unknown" };
  }
  const content = ownContent(member, cluster.value.contents);
  if (mark !== undefined) {
    return { presence: mark === "ended" && content !== undefined ? "left" : mark };
  }
  if (content === undefined) {
    if (state === "expiring") {
      return { presence: "ended" };
    }
    const none = "no VolumeSnapshotContent has its handle";
    return verifications.findLast((one) => one.member === memberKey(member))?.result === "failed"
      ? { presence: "lost", why: `${none}, and its restore failed` }
      : {
          presence: "missing",
          why: `${none}; whether the storage still has it, a verification tells`,
        };
  }
  const snapshot = cluster.value.snapshots.get(`${member.namespace}/${member.snapshot}`);
  const since =
    content.object.metadata.deletionTimestamp ??
    (snapshot?.content === content.name ? snapshot.object.metadata.deletionTimestamp : undefined);
  if (since !== undefined) {
    return { presence: "there", why: `it is being deleted since ${since}` };
  }
  if (snapshot?.content !== content.name && state !== "expiring") {
    return { presence: "unbound", why: "no VolumeSnapshot leads to its content any more" };
  }
  return content.ready === true
    ? { presence: "there" }
    : {
        presence: "there",
        why: `not ready${content.error === undefined ? "" : `: ${content.error}`}`,
      };
}

/** A VM's snapshot by its reference. */
export interface VmHandle extends Pick<VmMember, "node" | "uuid" | "handle"> {
  readonly takenAt?: string;
  readonly expiredAt?: string | undefined;
}

/** Snapshots of VMs that carry a point's mark, also where nothing of it is recorded. */
export function vmsByMark(
  { stack, name }: Pick<PointRecord, "stack" | "name">,
  vms: readonly LiveVm[],
): readonly VmHandle[] {
  return vms.flatMap(({ uuid, snapshots }) =>
    snapshots.flatMap(({ reference: handle, description }): VmHandle[] => {
      const mark = parseOwnerMark(description);
      return mark?.stack === stack && mark.point === name
        ? [{ node: mark.node, uuid, handle }]
        : [];
    }),
  );
}

/** What vCenter has under the reference of a VM's snapshot. */
export type FoundVm =
  | { readonly state: "found"; readonly vm: LiveVm; readonly snapshot: VmSnapshot }
  | { readonly state: "gone" | "foreign"; readonly why: string };

/**
 * Looks for a point's snapshot of a VM. vCenter may give a reference again after a restore of its own, so that mark, name
 * and time have to be this point's, too; of clones, which have the same BIOS UUID, the one that has the reference counts.
 */
export function findVmSnapshot(
  { uuid, handle, takenAt }: Omit<VmHandle, "node">,
  { stack, name: point }: Pick<PointRecord, "stack" | "name">,
  vms: readonly LiveVm[],
): FoundVm {
  const owners = vms.filter((vm) => vm.uuid === uuid.toLowerCase());
  const vm = owners.find(({ snapshots }) =>
    snapshots.some(({ reference }) => reference === handle),
  );
  const snapshot = vm?.snapshots.find(({ reference }) => reference === handle);
  if (vm === undefined || snapshot === undefined) {
    const names = owners.map(({ name, reference }) => `${name} (${reference})`).join(", ");
    const why =
      owners.length === 0
        ? `no VM in vCenter has the UUID ${uuid}`
        : `no snapshot of ${names} has that reference`;
    return { state: "gone", why };
  }
  const mark = parseOwnerMark(snapshot.description);
  const isLater =
    takenAt !== undefined && Date.parse(snapshot.createdAt) > Date.parse(takenAt) + CLOCKS_MS;
  const isOwn =
    mark?.stack === stack && mark.point === point && snapshot.name === snapshotName(stack, point);
  return isOwn && !isLater
    ? { state: "found", vm, snapshot }
    : {
        state: "foreign",
        why:
          `${vm.name} has ${snapshot.name} of ${snapshot.createdAt} under that reference, which ` +
          `${isOwn ? `is later than ${takenAt ?? ""}` : "does not carry this point's mark"}, so it is another one`,
      };
}

/** How far vCenter's clock may be ahead of the one that wrote a snapshot down, in milliseconds. */
const CLOCKS_MS = 3_600_000;

function vmPresence(
  member: VmMember,
  point: Pick<PointRecord, "stack" | "name">,
  vcenter: Read<readonly LiveVm[]>,
): PresenceFacts {
  const mark = marked(member);
  if (vcenter.state !== "read") {
    return { presence: mark ?? "unknown" };
  }
  const found = findVmSnapshot(member, point, vcenter.value);
  if (found.state !== "found") {
    return mark === undefined ? { presence: "missing", why: found.why } : { presence: mark };
  }
  const { vm, snapshot } = found;
  const label = ({ name, reference }: VmSnapshot): string => `${name} (${reference})`;
  return {
    presence: mark === undefined ? "there" : mark === "ended" ? "left" : mark,
    below: vm.snapshots.filter(({ parent }) => parent === member.handle).map(label),
    above: vm.snapshots.filter(({ reference }) => reference === snapshot.parent).map(label),
  };
}

function marked({ lost, expiredAt }: PointMember): Presence | undefined {
  return lost !== undefined ? "lost" : expiredAt !== undefined ? "ended" : undefined;
}
