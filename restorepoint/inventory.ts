import { pendingSteps } from "./catalog/entries";
import { vmsEnd, pointEnd } from "../planning/expiry";
import { isLiving, vmMembers, memberKey, volumeMembers } from "../planning/pointMembers";
import { spreadSeconds } from "../planning/draftPoint";
import type { PointMember, PointRecord } from "../planning/pointRecord";
import type { Waiver } from "../planning/site";
import { provenAt } from "./catalog/proof";
import type { UncoveredClaim } from "./productVolumes";
import { contentsByHandle, type LiveSnapshots } from "./liveSnapshots";

/**
 * - `there`: seen in the live system under its recorded handle
 * - `missing`: looked for and not found; its point no longer leads back for it
 * - `left`: its removal was begun, and it is still there
 * - `unknown`: the system could not be read
 * - `notLooked`: nothing that a command can ask from here, e.g. a file on a node
 */
export type Presence = "there" | "missing" | "lost" | "ended" | "left" | "unknown" | "notLooked";

export interface MemberFacts {
  /** From `memberKey`. */
  readonly key: string;
  readonly kind: PointMember["kind"];
  /** The storage's or vCenter's own name of it; path of a file. */
  readonly handle: string;
  readonly presence: Presence;
  /** Why, where the presence alone does not say it. */
  readonly why?: string;
  /** RFC 3339; when the bytes are of. */
  readonly createdAt?: string;
  /** Least size of a volume restored from it. */
  readonly bytes?: number;
  /** VM snapshots of others and of younger points that hang below it, for people. */
  readonly below?: readonly string[];
  /** Those that it hangs below. */
  readonly above?: readonly string[];
  /** Newest verification. */
  readonly verified?: { readonly result: string; readonly at: string };
}

/** What is known of a restore point. Snapshots on the storage of the volumes themselves: no backup. */
export interface PointStatus {
  readonly name: string;
  readonly release: string;
  readonly state: PointRecord["state"];
  readonly consistency: PointRecord["consistency"];
  readonly hold: boolean;
  readonly takenAt: string | undefined;
  /** Whole seconds since it was taken. */
  readonly ageSeconds: number | undefined;
  readonly expires: string;
  /** When it may end: earlier than `expires` for a point of VM snapshots alone. */
  readonly ends: string;
  readonly vmsEnd: string | undefined;
  readonly provenAt: string | undefined;
  readonly members: readonly MemberFacts[];
  /** Sum over living volume members. */
  readonly restoreBytes: number;
  readonly spreadSeconds: number | undefined;
  readonly uncovered: readonly UncoveredClaim[];
  readonly waivers: readonly Waiver[];
  /** Operator who took it, as the journal has it. */
  readonly takenBy: string | undefined;
  /** Steps begun and not ended, in sentences; empty where no run was interrupted. */
  readonly interrupted: readonly string[];
  /** What nobody could tell, in sentences. */
  readonly unknown: readonly string[];
}

export interface InventoryQuestion {
  readonly point: PointRecord;
  readonly liveSnapshots: LiveSnapshots;
  readonly maxAgeHours: number | undefined;
  readonly now: Date;
}

/** Brings together what catalog and live systems say of one point. Pure. */
export function pointStatus(question: InventoryQuestion): PointStatus {
  const { point, maxAgeHours, now } = question;
  const volumes = volumeMembers(point).filter(isLiving);
  const members = point.members.map((member) => memberFacts(member, question));
  const age = point.takenAt === undefined ? undefined : now.getTime() - Date.parse(point.takenAt);
  const spread = spreadSeconds(volumes.map(({ createdAt }) => createdAt));
  return {
    name: point.name,
    release: point.release,
    state: point.state,
    consistency: point.consistency,
    hold: point.hold,
    takenAt: point.takenAt,
    ageSeconds: age === undefined ? undefined : Math.floor(age / 1000),
    expires: point.expires,
    ends: pointEnd(point, maxAgeHours),
    vmsEnd: vmsEnd(point, maxAgeHours),
    provenAt: provenAt(point),
    members,
    restoreBytes: volumes.reduce((sum, { bytes }) => sum + bytes, 0),
    spreadSeconds: volumes.length === 0 ? undefined : spread,
    uncovered: point.uncovered,
    waivers: point.waivers,
    takenBy: takenBy(point),
    interrupted: interrupted(point),
    unknown: unread(question),
  };
}

const CREATE = "restore-point create";

function takenBy({ journal: { entries, summaries } }: PointRecord): string | undefined {
  return (
    entries.findLast(({ command }) => command === CREATE)?.who ??
    summaries.findLast(({ command }) => command === CREATE)?.who
  );
}

/** What a run that was killed, or runs still, has left to do; the product first. */
function interrupted({ name, journal }: PointRecord): readonly string[] {
  const left = pendingSteps(journal.entries);
  return left.map(({ command, step, at, who, detail: { until } }) => {
    const what = {
      "stop product": "the product is stopped",
      "freeze product": `the product is frozen${until === undefined ? "" : ` (until ${until} by itself)`}`,
    }[step];
    return `${what ?? `step "${step}" of ${command} was not ended`} since ${at} by ${who}; unless that runs still, run ./atom ${command} ${name} again`;
  });
}

function unread({ point, liveSnapshots }: InventoryQuestion): readonly string[] {
  const { cluster, vcenter } = liveSnapshots;
  const living = point.members.filter(isLiving);
  return [
    ...(cluster.state === "read" || !living.some(({ kind }) => kind === "volume")
      ? []
      : [`Volume snapshots: ${cluster.state === "unknown" ? cluster.why : "not opened"}`]),
    ...(vcenter.state === "read" || vmMembers({ members: living }).length === 0
      ? []
      : [
          `VM snapshots: ${vcenter.state === "unknown" ? vcenter.why : "no vCenter is configured"}`,
        ]),
  ];
}

function memberFacts(
  member: PointMember,
  { point, liveSnapshots }: InventoryQuestion,
): MemberFacts {
  const key = memberKey(member);
  const last = point.verifications.findLast((one) => one.member === key);
  const verified = last === undefined ? {} : { verified: { result: last.result, at: last.at } };
  switch (member.kind) {
    case "volume":
      return {
        key,
        kind: member.kind,
        handle: member.handle,
        ...volumePresence(member, liveSnapshots),
        createdAt: member.createdAt,
        bytes: member.bytes,
        ...verified,
      };
    case "virtualMachine":
      return {
        key,
        kind: member.kind,
        handle: member.handle,
        ...vmPresence(member, liveSnapshots),
      };
    case "etcd":
      return {
        key,
        kind: member.kind,
        handle: member.file,
        presence: marked(member) ?? "notLooked",
        createdAt: member.createdAt,
        ...verified,
      };
  }
}

function marked({ lost, expiredAt }: PointMember): Presence | undefined {
  return lost !== undefined ? "lost" : expiredAt !== undefined ? "ended" : undefined;
}

type PresenceText = Pick<MemberFacts, "presence" | "why" | "below" | "above">;

function volumePresence(
  member: Extract<PointMember, { readonly kind: "volume" }>,
  { cluster }: LiveSnapshots,
): PresenceText {
  if (cluster.state !== "read") {
    return { presence: marked(member) ?? "unknown" };
  }
  const [content] = contentsByHandle(cluster.value).get(member.handle) ?? [];
  const mark = marked(member);
  if (mark !== undefined) {
    return { presence: mark === "ended" && content !== undefined ? "left" : mark };
  }
  if (content === undefined) {
    return { presence: "missing", why: "no VolumeSnapshotContent has its handle" };
  }
  const { deletionTimestamp } = content.object.metadata;
  if (deletionTimestamp !== undefined) {
    return { presence: "there", why: `its content is being deleted since ${deletionTimestamp}` };
  }
  return content.ready === false
    ? {
        presence: "there",
        why: `not ready${content.error === undefined ? "" : `: ${content.error}`}`,
      }
    : { presence: "there" };
}

function vmPresence(
  member: Extract<PointMember, { readonly kind: "virtualMachine" }>,
  { vcenter }: LiveSnapshots,
): PresenceText {
  const mark = marked(member);
  if (vcenter.state !== "read") {
    return { presence: mark ?? "unknown" };
  }
  const vm = vcenter.value.find(
    ({ uuid, snapshots }) =>
      uuid === member.uuid.toLowerCase() &&
      snapshots.some(({ reference }) => reference === member.handle),
  );
  const own = vm?.snapshots.find(({ reference }) => reference === member.handle);
  if (vm === undefined || own === undefined) {
    return { presence: mark ?? "missing" };
  }
  const label = ({ name, reference }: { name: string; reference: string }): string =>
    `${name} (${reference})`;
  const below = vm.snapshots.filter(({ parent }) => parent === member.handle).map(label);
  const above = vm.snapshots.filter(({ reference }) => reference === own.parent).map(label);
  return {
    presence: mark === undefined ? "there" : mark === "ended" ? "left" : mark,
    below,
    above,
  };
}
