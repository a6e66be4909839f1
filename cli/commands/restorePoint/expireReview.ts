import {
  decideDue,
  namedRefusal,
  type ExpiryDecision,
  type PointFacts,
} from "../../../planning/expiry";
import { isLiving, vmMembers, memberKey } from "../../../planning/pointMembers";
import type { RestorePointFile } from "../../../planning/site";
import { knownFacts } from "../../../restorepoint/expire/facts";
import { planExpiry, type ExpiryPlan } from "../../../restorepoint/expire/planExpiry";
import { removalLines } from "../../../restorepoint/expire/removalLines";
import type { OpenAccess } from "../../../site/up/access";
import { makeCandidate } from "../../../site/up/candidate";
import type { Deployer } from "../../../site/up/deployer";
import { readSituation } from "../../../site/up/situation";
import { UsageError } from "../../exit";
import { printSteps } from "../../print/steps";
import type { OpenStack } from "../../stack";
import { findPoint, readKnown } from "./known";
import { judgeSettling } from "./settle";

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
 * @throws UsageError when there is no such point
 */
export async function reviewExpiry(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  name: string | undefined,
): Promise<ExpiryReview> {
  const now = new Date();
  const points = pointsOf(stack, name);
  const known = await readKnown(stack, access, points);
  const facts = knownFacts(points, known.ledger, known.liveSnapshots);
  if (facts.unknown.length > 0) {
    const against = [
      "Cannot tell which point was proven last, and that one is never removed:",
      ...facts.unknown,
    ];
    return { plans: [], ready: [], lines: [], against, unknown: true };
  }
  const { site } = stack;
  const hours = site.virtualMachines?.maxAgeHours;
  const [named] = points.filter((point) => point.name === name);
  if (named !== undefined && isDone(stack, named, facts.of(named.name))) {
    const lines = [`Restore point ${named.name} is removed already.`];
    return { plans: [], ready: [], lines, against: [], unknown: false };
  }
  const refusal = named === undefined ? undefined : namedRefusal(named, points, facts.of, now);
  if (named !== undefined && refusal !== undefined) {
    const against = [`Restore point ${named.name} is not removed: it ${refusal}.`];
    return { plans: [], ready: [], lines: [], against, unknown: false };
  }
  const decisions: readonly ExpiryDecision[] =
    named === undefined
      ? decideDue(points, facts.of, site.retention, hours, now)
      : [{ name: named.name, scope: "point", reason: "you named it" }];
  const plans = planExpiry(decisions, points, {
    stack: stack.name,
    liveSnapshots: known.liveSnapshots,
  });
  const ready = plans.filter(
    ({ refusals, unknown }) => refusals.length === 0 && unknown.length === 0,
  );
  const record = await recordReview(stack, deployer, access, ready, now);
  const refused =
    name === undefined || plans.every(({ refusals }) => refusals.length === 0)
      ? []
      : [`Restore point ${name} waits for what is named above.`];
  const unread = plans.flatMap(({ point, unknown }) =>
    unknown.map((why) => `${point.name}: ${why}`),
  );
  return {
    plans,
    ready,
    lines: [...plans.flatMap((plan) => planLines(plan)), ...record.lines],
    against: [...unread, ...refused, ...record.against],
    unknown: unread.length > 0,
  };
}

function isDone({ site }: OpenStack, point: RestorePointFile, facts: PointFacts): boolean {
  const isListed = site.restorePoints.some(({ name }) => name === point.name);
  const leftovers = facts.unfinished || facts.remaining.length > 0;
  return point.state === "expired" && !isListed && !leftovers;
}

/** The listed points, and the named one where an interrupted run has taken it off the list already. */
function pointsOf(stack: OpenStack, name: string | undefined): readonly RestorePointFile[] {
  const listed = stack.site.restorePoints;
  if (name === undefined || listed.some((point) => point.name === name)) {
    return listed;
  }
  const point = findPoint(stack, name);
  if (point === undefined) {
    const known = listed.map((one) => one.name).join(", ");
    throw new UsageError(
      `Stack ${stack.name} has no restore point ${name}. Known are: ${known === "" ? "none" : known}. Nothing was changed.`,
    );
  }
  if (point.state !== "expired") {
    throw new UsageError(
      `Restore point ${name} has a file, but restorePoints of stack ${stack.name} does not list it, so that whether it is ` +
        "the newest proven one cannot be judged: list it again. Nothing was changed.",
    );
  }
  return [...listed, point];
}

interface RecordReview {
  readonly lines: readonly string[];
  readonly against: readonly string[];
}

/** What the engine's record would change by, on a copy of the files; anything else that is pending stops the command. */
async function recordReview(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  plans: readonly ExpiryPlan[],
  now: Date,
): Promise<RecordReview> {
  if (plans.length === 0) {
    return { lines: [], against: [] };
  }
  const whole = plans.filter(
    ({ scope, point }) =>
      scope === "point" && point.takenAt !== undefined && point.state !== "expired",
  );
  const candidate = makeCandidate(
    stack,
    {
      taken: [],
      lost: [],
      expiring: whole.map(({ point }) => point.name),
      ended: plans
        .filter(({ scope }) => scope === "vms")
        .map(({ point }) => ({
          point: point.name,
          keys: vmMembers(point).filter(isLiving).map(memberKey),
        })),
    },
    now,
  );
  try {
    const { raw, site, file } = candidate;
    const deployed = await deployer.load(file);
    const situation = await readSituation({ root: stack.root, site, raw, deployed, access });
    const { own, against } = judgeSettling(
      situation,
      plans.map(({ point }) => point.name),
    );
    const lines = own.some(({ kind }) => kind !== "same")
      ? ["In the engine's record, live untouched:", ...printSteps(own).map((line) => `  ${line}`)]
      : [];
    return { lines, against };
  } finally {
    candidate.remove();
  }
}

/** Lines for people: what goes, in the order in which it goes. */
export function planLines(plan: ExpiryPlan): string[] {
  const { point, scope, reason, vms, volumes, etcd, left, refusals, unknown } = plan;
  const what = scope === "point" ? `Restore point ${point.name}` : `VM snapshots of ${point.name}`;
  const head = `${what}: ${reason}`;
  if (refusals.length > 0 || unknown.length > 0) {
    return [
      head,
      ...refusals.map((line) => `  waits: ${line}`),
      ...unknown.map((line) => `  cannot tell: ${line}`),
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
      ? ["  then it is taken off restorePoints; its file and its ledger stay as the record"]
      : ["  the point stays with its volumes"]),
  ];
}
