import {
  decideDue,
  namedRefusal,
  type ExpiryDecision,
  type PointFacts,
} from "../../planning/expiry";
import type { PointRecord } from "../../planning/pointRecord";
import { describeObject } from "../../clients/kubernetes/object";
import { contentsAlone, type TakeLeftovers } from "../findTaken";
import { readLiveSnapshots, type LiveSnapshots } from "../liveSnapshots";
import { readPoints, requirePoint } from "../knownPoints";
import type { PointSystems } from "../pointStack";
import { presenceOf, provenAt } from "../presence";
import { planExpiry, type ExpiryPlan } from "./planExpiry";

/** The command, as the journal names it. */
export const EXPIRE_COMMAND = "restore-point expire";

/** Step that only the removal of a whole point has. */
export const WHOLE = "remove release objects";

/** What removing would do, and what stands against it. */
export interface ExpiryReview {
  readonly plans: readonly ExpiryPlan[];
  /** Those that nothing stands against. */
  readonly ready: readonly ExpiryPlan[];
  /** The preview, for people. */
  readonly lines: readonly string[];
  /** Why nothing at all may be done. */
  readonly against: readonly string[];
  /** Whether that is because something could not be read. */
  readonly unknown: boolean;
}

/**
 * Works out what is to be removed: the named point, or all that is due.
 *
 * @param name undefined: all that is due
 * @throws UsageError when there is no such point
 */
export async function reviewExpiry(
  systems: PointSystems,
  name: string | undefined,
  now = new Date(),
): Promise<ExpiryReview> {
  const { site } = systems.stack;
  const { points, claimsProof, unknown } = await readPoints(systems);
  const refused = (against: readonly string[], cannotTell: boolean): ExpiryReview => ({
    plans: [],
    ready: [],
    lines: [],
    against,
    unknown: cannotTell,
  });
  const live = await readLiveSnapshots(systems);
  const unread = [...unknown, ...(live.cluster.state === "unknown" ? [live.cluster.why] : [])];
  if (unread.length > 0) {
    const why =
      "It is unknown which point was proven last and is whole, and that one is never removed:";
    return refused([why, ...unread], true);
  }
  const known = new Map(points.map((point) => [point.name, factsOf(point, live)]));
  const facts = (of: string): PointFacts => known.get(of) as PointFacts;
  const named = name === undefined ? undefined : requirePoint(points, name, site.stack);
  if (named !== undefined) {
    const { unfinished, remaining } = facts(named.name);
    if (named.state === "expired" && !unfinished && remaining.length === 0) {
      return { ...refused([], false), lines: [`Restore point ${named.name} is removed already.`] };
    }
    const refusal = namedRefusal(named, points, facts, now);
    if (refusal !== undefined) {
      return refused([`Restore point ${named.name} is not removed: it ${refusal}.`], false);
    }
  }
  const decisions: readonly ExpiryDecision[] =
    named === undefined
      ? decideDue(points, facts, site.retention, site.virtualMachines?.maxAgeHours, now)
      : [{ name: named.name, scope: "point", reason: "you named it" }];
  const claims = points.filter((one) => claimsProof.has(one.name));
  const proven = points.filter((one) => facts(one.name).provenAt !== undefined);
  const world = { className: site.snapshots.className, liveSnapshots: live };
  const plans = planExpiry(decisions, points, world).map((plan) => ({
    ...plan,
    refusals: [...plan.refusals, ...unverified(plan.point, claims, proven)],
  }));
  const untold = plans.flatMap((plan) => plan.unknown.map((why) => `${plan.point.name}: ${why}`));
  const waits =
    name === undefined || plans.every(({ refusals }) => refusals.length === 0)
      ? []
      : [`Restore point ${name} waits for what is named above.`];
  return {
    plans,
    ready: plans.filter((plan) => plan.refusals.length === 0 && plan.unknown.length === 0),
    lines: plans.flatMap((plan) => planLines(plan)),
    against: [...untold, ...waits],
    unknown: untold.length > 0,
  };
}

/** What catalog and live systems say of a point beside its state. */
export function factsOf(point: PointRecord, live: LiveSnapshots): PointFacts {
  const seen = point.members.map((member) => {
    const { presence } = presenceOf(member, point, live);
    return { member, presence };
  });
  return {
    provenAt: provenAt(point, live.cluster),
    broken: seen.some(
      ({ member: { kind }, presence }) =>
        kind === "volume" && (presence === "missing" || presence === "lost"),
    ),
    remaining: seen.flatMap(({ member, presence }) =>
      member.kind === "virtualMachine" && presence === "left" ? [member.node] : [],
    ),
    unfinished: isUnfinished(point),
  };
}

/** The removal of the whole point was begun, and something of it is still to be done. */
function isUnfinished({ state, journal }: PointRecord): boolean {
  if (state === "expiring") {
    return true;
  }
  const runs = journal.entries.filter(({ command }) => command === EXPIRE_COMMAND);
  const whole = runs.findLast(({ event, step }) => event === "begun" && step === WHOLE);
  const end = runs.findLast(({ event, detail }) => event === "closed" && detail.outcome === "done");
  return whole !== undefined && (end === undefined || end.sequence < whole.sequence);
}

/** A younger proof that counts protects the data; without one, what the cluster alone claims is verified first. */
function unverified(
  { takenAt }: PointRecord,
  claims: readonly PointRecord[],
  proven: readonly PointRecord[],
): readonly string[] {
  const time = (at: string | undefined): number => Date.parse(at ?? "");
  if (proven.some((one) => time(one.takenAt) > time(takenAt))) {
    return [];
  }
  return claims
    .filter((claim) => time(claim.takenAt) >= time(takenAt))
    .map(
      ({ name }) =>
        `that ${name} was proven, the cluster alone says, and the copy off it does not: run ./atom restore-point verify ${name}`,
    );
}

/** What would be removed of volumes, for people. */
export function removalLines(leftovers: TakeLeftovers): string[] {
  const { groups, groupContents, snapshots } = leftovers;
  return [
    ...groups.map((one) => `${describeObject(one)} and its members`),
    ...groupContents.map((one) => `${describeObject(one)}, whose group is gone`),
    ...snapshots.map(describeObject),
    ...contentsAlone(leftovers).map(
      ({ name }) => `VolumeSnapshotContent ${name}, whose VolumeSnapshot is gone`,
    ),
  ];
}

/** Lines for people: what goes, in the order in which it goes. */
function planLines(plan: ExpiryPlan): string[] {
  const { point, scope, reason, vms, volumes, etcd, left, refusals, unknown } = plan;
  const what = scope === "point" ? `Restore point ${point.name}` : `VM snapshots of ${point.name}`;
  const head = `${what}: ${reason}`;
  if (refusals.length > 0 || unknown.length > 0) {
    return [
      head,
      ...refusals.map((line) => `  waits: ${line}`),
      ...unknown.map((line) => `  unknown: ${line}`),
    ];
  }
  const goes = [
    ...vms.map(({ handle, vm }) => `VM snapshot ${handle} of ${vm}`),
    ...removalLines(volumes),
    ...etcd.map(({ file, node }) => `etcd snapshot ${file} on ${node}`),
    ...(scope === "point" ? ["the release's objects and copies of its Secrets"] : []),
  ];
  return [
    head,
    ...goes.map((line) => `  - ${line}`),
    ...left.map((line) => `  stays: ${line}`),
    ...(scope === "point"
      ? ["  its record in the catalog stays"]
      : plan.waiting.length > 0
        ? ["  the point stays"]
        : ["  the point stays with its volumes"]),
  ];
}
