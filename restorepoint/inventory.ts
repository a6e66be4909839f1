import { whyUnread } from "../clients/access";
import { pendingSteps } from "./catalog/entries";
import { planSite } from "../planning";
import { pointEnd, vmsAge, type VmsAge } from "../planning/expiry";
import { isLiving, vmMembers, memberKey, volumeMembers } from "../planning/pointMembers";
import { spreadSeconds } from "../planning/draftPoint";
import type { PointMember, PointRecord } from "../planning/pointRecord";
import type { VirtualMachines } from "../planning/site";
import { readPoints, requirePoint, type KnownPoints } from "./knownPoints";
import { readLiveSnapshots, type LiveSnapshots } from "./liveSnapshots";
import type { PointStack, PointSystems } from "./pointStack";
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

type Recorded = Pick<
  PointRecord,
  | "name"
  | "release"
  | "state"
  | "consistency"
  | "hold"
  | "takenAt"
  | "expires"
  | "uncovered"
  | "waivers"
>;

/** What is known of a restore point. Snapshots on the storage of the volumes themselves: no backup. */
export interface PointStatus extends Recorded {
  /** Whole seconds since it was taken. */
  readonly ageSeconds: number | undefined;
  /** When it may end: earlier than `expires` for a point of VM snapshots alone. */
  readonly ends: string;
  /** These three: undefined where no VM snapshot is left to end. */
  readonly vmsEnd: string | undefined;
  readonly vmsState: VmsAge["state"] | undefined;
  readonly vmsHeldBy: string | undefined;
  readonly provenAt: string | undefined;
  readonly members: readonly MemberFacts[];
  /** Sum over living volume members. */
  readonly restoreBytes: number;
  readonly spreadSeconds: number | undefined;
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
  /** All points of the stack: an open upgrade holds the VM snapshots of all. */
  readonly points: readonly PointRecord[];
  readonly limits: Pick<VirtualMachines, "maxAgeHours" | "flagAgeHours"> | undefined;
  readonly now: Date;
}

/** Brings together what catalog and live systems say of one point. Pure. */
export function pointStatus(question: InventoryQuestion): PointStatus {
  const { point, points, limits, now } = question;
  const volumes = volumeMembers(point).filter(isLiving);
  const members = point.members.map((member) => memberFacts(member, question));
  const vms = vmsAge(point, points, limits, now);
  const { name, release, state, consistency, hold, takenAt, expires, uncovered, waivers } = point;
  const age = takenAt === undefined ? undefined : now.getTime() - Date.parse(takenAt);
  const spread = spreadSeconds(volumes.map(({ createdAt }) => createdAt));
  return {
    name,
    release,
    state,
    consistency,
    hold,
    takenAt,
    ageSeconds: age === undefined ? undefined : Math.floor(age / 1000),
    expires,
    ends: pointEnd(point, limits?.maxAgeHours),
    vmsEnd: vms?.end,
    vmsState: vms?.state,
    vmsHeldBy: vms?.heldBy,
    provenAt: provenAt(point, question.liveSnapshots.cluster),
    members,
    restoreBytes: volumes.reduce((sum, { bytes }) => sum + bytes, 0),
    spreadSeconds: volumes.length === 0 ? undefined : spread,
    uncovered,
    waivers,
    takenBy: takenBy(point),
    interrupted: interrupted(point),
    unknown: unread(question),
  };
}

function takenBy({ journal: { entries, summaries } }: PointRecord): string | undefined {
  return [...summaries, ...entries].findLast(({ command }) => command === "restore-point create")
    ?.who;
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
    createdAt: member.kind === "virtualMachine" ? undefined : member.createdAt,
    bytes: member.kind === "volume" ? member.bytes : undefined,
    verified: last && { result: last.result, at: last.at },
  };
}

/** What is known of points, as catalog and live systems have them. */
export interface Look {
  /** The newest first. */
  readonly points: readonly PointStatus[];
  /** What could not be told, in sentences; each once. */
  readonly unknown: readonly string[];
  readonly now: Date;
}

/** What is known of one point. */
export interface PointLook extends Look {
  readonly point: PointStatus;
  /** What has to be there for the point to lead back. */
  readonly depends: readonly string[];
  /** What differs between the catalog's two sides. */
  readonly notes: readonly string[];
}

type Looked = Pick<PointSystems, "stack" | "cluster" | "vcenter">;

/** All points that have not ended. */
export async function lookAtPoints(systems: Looked, now = new Date()): Promise<Look> {
  const known = await readPoints(systems);
  const points = known.points
    .filter(({ state }) => state !== "expired")
    .sort((one, other) => takenTime(other) - takenTime(one));
  return look(systems, points, known, now);
}

/** @throws UsageError when there is no such point */
export async function lookAtPoint(systems: Looked, name: string): Promise<PointLook> {
  const all = await readPoints(systems);
  const { points, unknown, notes } = all;
  if (unknown.length > 0 && !points.some((one) => one.name === name)) {
    // A record that cannot be read is no point that is not there.
    throw new Error(`Restore point ${name} cannot be looked up: ${unknown.join(" ")}`);
  }
  const record = requirePoint(points, name, systems.stack.name);
  const found = await look(systems, [record], all, new Date());
  const [point] = found.points as readonly [PointStatus];
  const depends = dependencies(systems.stack, record);
  const known = notes.get(name) ?? ["the catalog knows nothing of it"];
  return { ...found, point, depends, notes: known };
}

async function look(
  systems: Looked,
  records: readonly PointRecord[],
  { points: all, unknown }: KnownPoints,
  now: Date,
): Promise<Look> {
  const liveSnapshots = await readLiveSnapshots(systems);
  const limits = systems.stack.site.virtualMachines;
  const points = records.map((point) =>
    pointStatus({ point, points: all, liveSnapshots, limits, now }),
  );
  const untold = [...points.flatMap((point) => point.unknown), ...unknown];
  return { points, unknown: [...new Set(untold)], now };
}

function takenTime({ takenAt }: PointRecord): number {
  return takenAt === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(takenAt);
}

function dependencies({ site }: PointStack, point: PointRecord): readonly string[] {
  const { snapshotClass } = planSite(site);
  const holds = (kind: string): boolean =>
    point.members.some((member) => member.kind === kind && isLiving(member));
  return [
    ...(holds("volume")
      ? [
          `depends on snapshot class ${snapshotClass?.name ?? "(none)"}, driver ${snapshotClass?.driver ?? "(none)"}, and the storage that holds the volumes`,
        ]
      : []),
    ...(holds("virtualMachine") && site.virtualMachines !== undefined
      ? [`depends on vCenter ${site.virtualMachines.server} and the datastores of the node VMs`]
      : []),
  ];
}
