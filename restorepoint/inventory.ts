import { whyUnread } from "../clients/access";
import { pendingSteps } from "./catalog/entries";
import { vmsEnd, pointEnd } from "../planning/expiry";
import { isLiving, vmMembers, memberKey, volumeMembers } from "../planning/pointMembers";
import { spreadSeconds } from "../planning/draftPoint";
import type { PointMember, PointRecord } from "../planning/pointRecord";
import type { Waiver } from "../planning/site";
import type { UncoveredClaim } from "./productVolumes";
import type { LiveSnapshots } from "./liveSnapshots";
import { presenceOf, provenAt, type PresenceFacts } from "./presence";

export interface MemberFacts extends PresenceFacts {
  /** From `memberKey`. */
  readonly key: string;
  readonly kind: PointMember["kind"];
  /** The storage's or vCenter's own name of it; path of a file. */
  readonly handle: string;
  /** RFC 3339; when the bytes are of. */
  readonly createdAt?: string;
  /** Least size of a volume restored from it. */
  readonly bytes?: number;
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
    provenAt: provenAt(point, question.liveSnapshots.cluster),
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
      : [`Volume snapshots: ${whyUnread(cluster, "not opened")}`]),
    ...(vcenter.state === "read" || vmMembers({ members: living }).length === 0
      ? []
      : [`VM snapshots: ${whyUnread(vcenter, "no vCenter is configured")}`]),
  ];
}

function memberFacts(
  member: PointMember,
  { point, liveSnapshots }: InventoryQuestion,
): MemberFacts {
  const key = memberKey(member);
  const last = point.verifications.findLast((one) => one.member === key);
  return {
    key,
    kind: member.kind,
    handle: member.kind === "etcd" ? member.file : member.handle,
    ...presenceOf(member, point, liveSnapshots),
    ...(member.kind === "virtualMachine" ? {} : { createdAt: member.createdAt }),
    ...(member.kind === "volume" ? { bytes: member.bytes } : {}),
    ...(last === undefined ? {} : { verified: { result: last.result, at: last.at } }),
  };
}
