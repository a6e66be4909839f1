import { isLiving, vmMembers, volumeMembers } from "./pointMembers";
import { decideRetention, type RetainedPoint } from "./retention";
import type { PointRecord } from "./pointRecord";
import type { RetentionPolicy, VirtualMachines } from "./site";

/** What is known of a point beside its file. */
export interface PointFacts {
  /** RFC 3339; undefined: never, or not known. */
  readonly provenAt: string | undefined;
  /** A volume of it was looked for and is not there: it counts as lost, whatever its record says. */
  readonly broken: boolean;
  /** Nodes whose VM snapshot the file calls ended and vCenter still has: a run was killed in between. */
  readonly remaining: readonly string[];
  /** A removal of the whole point was begun, and its journal has no end. */
  readonly unfinished: boolean;
}

/** What ends: the whole point, or only its VM snapshots. */
export type ExpiryScope = "point" | "vms";

export interface ExpiryDecision {
  readonly name: string;
  readonly scope: ExpiryScope;
  /** Why, as the rest of a sentence that begins with the point's name. */
  readonly reason: string;
}

const HOUR_MS = 3_600_000;

/**
 * When a point's VM snapshots end: at its `expires`, or at the site's greatest age after it was taken, whichever is first.
 *
 * @param maxAgeHours undefined where the site configures no VMs
 * @returns RFC 3339; undefined when no VM snapshot is left to end
 */
export function vmsEnd(point: PointRecord, maxAgeHours: number | undefined): string | undefined {
  if (point.takenAt === undefined || !vmMembers(point).some(isLiving)) {
    return undefined;
  }
  const ends = [
    Date.parse(point.expires),
    ...(maxAgeHours === undefined ? [] : [Date.parse(point.takenAt) + maxAgeHours * HOUR_MS]),
  ];
  return new Date(Math.min(...ends)).toISOString();
}

/** How near the end of a point's VM snapshots is. */
export interface VmsAge {
  /** `flagged` from `flagAgeHours` on, `overdue` from the end on. */
  readonly state: "young" | "flagged" | "overdue";
  /** RFC 3339. */
  readonly end: string;
  /** Why they do not end by themselves then, as the rest of a sentence. */
  readonly heldBy: string | undefined;
}

/** @returns undefined when no VM snapshot is left to end */
export function vmsAge(
  point: PointRecord,
  points: readonly PointRecord[],
  limits: Pick<VirtualMachines, "maxAgeHours" | "flagAgeHours"> | undefined,
  now: Date,
): VmsAge | undefined {
  const end = vmsEnd(point, limits?.maxAgeHours);
  if (end === undefined || point.takenAt === undefined) {
    return undefined;
  }
  const flag = Date.parse(point.takenAt) + (limits?.flagAgeHours ?? Infinity) * HOUR_MS;
  const upgrade = points.find(isOpenUpgrade);
  return {
    state:
      Date.parse(end) <= now.getTime() ? "overdue" : flag <= now.getTime() ? "flagged" : "young",
    end,
    heldBy: point.hold
      ? "the point is on hold"
      : upgrade && `the upgrade of ${upgrade.name} was begun and not ended`,
  };
}

/** The upgrade of a point that was begun and neither committed nor aborted. */
export function isOpenUpgrade(point: PointRecord): boolean {
  const { name, hold, takenAt } = point;
  return (
    hold && takenAt !== undefined && name.startsWith("pre-") && upgradeEnd(point) === undefined
  );
}

/** The command, as the journal names it. */
export const UPGRADE = "upgrade";

/** How the upgrade of a point came to its end. An abort that was undone is none. */
export function upgradeEnd({
  journal,
  rollbacks,
}: PointRecord): "committed" | "aborted" | undefined {
  const runs = [...journal.entries, ...journal.summaries];
  return runs.some(({ command }) => command === UPGRADE)
    ? "committed"
    : rollbacks?.at(-1)?.state === "done"
      ? "aborted"
      : undefined;
}

/** When the whole point may end. A point of VM snapshots alone is nothing any more without them. */
export function pointEnd(point: PointRecord, maxAgeHours: number | undefined): string {
  return holdsVmsOnly(point) ? (vmsEnd(point, maxAgeHours) ?? point.expires) : point.expires;
}

/** Whether VM snapshots are all that is left of a point; they end by age, and no rule of `retention` counts them. */
export function holdsVmsOnly(point: PointRecord): boolean {
  return vmMembers(point).some(isLiving) && !volumeMembers(point).some(isLiving);
}

/**
 * What is due now, oldest rule first: retention over the points that hold volumes, and age over VM snapshots. No VM
 * snapshot ends while an upgrade is open: it is the way back, and merging disks is no work for that night.
 */
export function decideDue(
  points: readonly PointRecord[],
  facts: (name: string) => PointFacts,
  policy: RetentionPolicy,
  maxAgeHours: number | undefined,
  now: Date,
): readonly ExpiryDecision[] {
  const retained = new Map(
    decideRetention(retainedPoints(points, facts), policy, now).map((one) => [one.name, one]),
  );
  const isUpgrading = points.some(isOpenUpgrade);
  return points.flatMap((point): ExpiryDecision[] => {
    const { name } = point;
    const known = facts(name);
    const decision = retained.get(name);
    const begun = known.unfinished || (point.state === "expiring" && holdsVmsOnly(point));
    if (begun && !point.hold) {
      return [{ name, scope: "point", reason: "its removal was begun and has to be finished" }];
    }
    if (decision?.action === "expire") {
      return [{ name, scope: "point", reason: decision.reason }];
    }
    return isUpgrading ? [] : vmsDue(point, known, maxAgeHours, now);
  });
}

function vmsDue(
  point: PointRecord,
  { remaining }: PointFacts,
  maxAgeHours: number | undefined,
  now: Date,
): ExpiryDecision[] {
  const { name, hold } = point;
  if (hold || !["ready", "lost", "expiring"].includes(point.state)) {
    return [];
  }
  if (remaining.length > 0) {
    const reason = "the removal of its VM snapshots was begun and has to be finished";
    return [{ name, scope: "vms", reason }];
  }
  const end = vmsEnd(point, maxAgeHours);
  return end === undefined || Date.parse(end) > now.getTime()
    ? []
    : [
        {
          name,
          scope: holdsVmsOnly(point) ? "point" : "vms",
          reason: `its VM snapshots ended at ${end}`,
        },
      ];
}

/**
 * What stands against removing a point that somebody names, before its time or after; undefined when nothing does. Never
 * removed: one on hold, one that is not taken yet, and the newest proven point that holds volumes.
 */
export function namedRefusal(
  point: PointRecord,
  points: readonly PointRecord[],
  facts: (name: string) => PointFacts,
  now: Date,
): string | undefined {
  if (point.hold) {
    return "is on hold";
  }
  if (point.state === "planned" || point.state === "taking") {
    return point.state === "planned" ? "is not taken yet" : "is being taken";
  }
  if (facts(point.name).unfinished || point.state === "expired" || holdsVmsOnly(point)) {
    return undefined;
  }
  const due = points.map((one) => (one === point ? { ...one, expires: PAST } : one));
  const decision = decideRetention(retainedPoints(due, facts), {}, now).find(
    ({ name }) => name === point.name,
  );
  return decision?.action === "keep" ? decision.reason : undefined;
}

/** Naming a point says that its `expires` does not count. */
const PAST = "1970-01-01T00:00:00Z";

/** Points as retention sees them; those of VM snapshots alone take no place of one that holds data. */
function retainedPoints(
  points: readonly PointRecord[],
  facts: (name: string) => PointFacts,
): readonly RetainedPoint[] {
  return points
    .filter((point) => !holdsVmsOnly(point))
    .map((point) => {
      const { provenAt, broken } = facts(point.name);
      const { name, state, takenAt, expires, hold } = point;
      return {
        name,
        state: state === "ready" && broken ? "lost" : state,
        takenAt,
        contentAt: newestContent(point),
        provenAt,
        expires,
        hold,
      };
    });
}

function newestContent(point: PointRecord): string | undefined {
  const times = volumeMembers(point).map(({ createdAt }) => createdAt);
  return times.sort((one, other) => Date.parse(one) - Date.parse(other)).at(-1);
}
