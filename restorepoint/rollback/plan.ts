import { createHash } from "node:crypto";

import { describeObject, fieldText, referenceOf } from "../../clients/kubernetes/object";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { canonicalJson } from "../../config/canonicalJson";
import { isLiving, memberKey, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { counted } from "../../planning/words";
import { workloadOf } from "../product/workloads";
import { parseQuantity } from "../quantity";
import { planScratch } from "../verify/scratchPlan";
import { objectChanges, imagesOf, writtenBack } from "./changes";
import { judgeRollback } from "./judge";
import { isSame, liveClaim } from "./record";
import { PARALLEL, stepsBack, stepsUndone } from "./steps";
import type { ObjectChanges, PlannedClaim, RollbackPlan, RollbackWorld } from "./types";

const NO_CHANGES: ObjectChanges = { changed: [], made: [], removed: [], left: [] };

/** What going back to a point, or undoing that, would do; pure. The command runs the very steps that it shows. */
export function planRollback(world: RollbackWorld): RollbackPlan {
  const { record, direction, target, live, now, rollback } = world;
  const claims = direction === "back" ? claimsBack(world) : claimsUndone(world);
  const objects = target === undefined ? NO_CHANGES : objectChanges(live, target);
  const stops = world.stop.workloads.map((object) => {
    const { replicas } = workloadOf(object);
    const what = object.kind === "CronJob" ? "is suspended" : `from ${replicas} to 0`;
    return `${describeObject(referenceOf(object))} ${what}`;
  });
  const steps =
    direction === "back" ? stepsBack(world, claims, stops) : stepsUndone(world, claims, stops);
  const since =
    direction === "back"
      ? record.takenAt
      : rollback?.state === "running"
        ? undefined
        : rollback?.ended;
  const room = capacity(world, claims);
  const { refusals, warnings } = judgeRollback(world, claims);
  const running = new Set(live.objects.flatMap(({ object }) => imagesOf(object)));
  return {
    point: record.name,
    release: record.release,
    direction,
    steps,
    claims,
    stops,
    objects,
    images: (target === undefined ? [] : writtenBack(target))
      .flatMap(imagesOf)
      .filter((image) => !running.has(image)),
    givenUpSeconds:
      since === undefined ? 0 : Math.max(0, Math.round((now.getTime() - Date.parse(since)) / 1000)),
    ...room,
    restoreMinutes: direction === "back" ? restoreMinutes(record) : 0,
    stopMinutes: stopMinutes(world.points),
    cannotBeUndone: cannotBeUndone(world, objects),
    refusals: [...refusals, ...shortage(room)],
    warnings: [
      ...warnings,
      ...(room.neededBytes > 0 && room.freeBytes === undefined
        ? ["The driver does not say how much is free."]
        : []),
    ],
    digest: createHash("sha256").update(canonicalJson(steps)).digest("hex"),
  };
}

function claimsBack({ record, rollback, stop }: RollbackWorld): readonly PlannedClaim[] {
  return volumeMembers(record).map(({ namespace, claim, snapshot, handle, createdAt }) => {
    const known = rollback?.claims.find((one) => isSame(one, { namespace, claim }));
    return {
      namespace,
      claim,
      from: known === undefined ? volumeOf(stop.claims, namespace, claim) : known.kept?.volume,
      to: known?.made?.volume,
      source: `snapshot ${snapshot} (${handle}) of ${createdAt}`,
    };
  });
}

function claimsUndone({ rollback }: RollbackWorld): readonly PlannedClaim[] {
  return (rollback?.claims ?? []).map(({ namespace, claim, kept, made }) => ({
    namespace,
    claim,
    from: made?.volume,
    to: kept?.volume,
    source: kept === undefined ? "no claim, as before" : `volume ${kept.volume} as it was left`,
  }));
}

/** Name of the volume that a claim has now. */
function volumeOf(
  claims: readonly ClusterObject[],
  namespace: string,
  claim: string,
): string | undefined {
  const live = liveClaim(claims, { namespace, claim });
  return (live && fieldText(live, "spec", "volumeName")) || undefined;
}

function capacity(
  world: RollbackWorld,
  claims: readonly PlannedClaim[],
): Pick<RollbackPlan, "neededBytes" | "freeBytes"> {
  const { direction, record, sources, site, capacities } = world;
  const left = claims.filter(({ to }) => direction === "back" && to === undefined);
  const plans = volumeMembers(record)
    .filter((member) => isLiving(member) && left.some((one) => isSame(one, member)))
    .map((member) => planScratch(member, { ...sources, content: undefined }));
  const made = plans.flatMap((plan) => ("unknown" in plan ? [] : [plan]));
  const bytes = made.reduce((sum, plan) => sum + plan.bytes, 0);
  const names = new Set(made.map(({ className }) => className));
  const free = capacities
    .filter((one) => names.has(String(one["storageClassName"])))
    .flatMap((one) =>
      typeof one["capacity"] === "string" ? [parseQuantity(one["capacity"])] : [],
    );
  return {
    neededBytes: bytes * site.replicationFactor,
    freeBytes: free.length === 0 ? undefined : free.reduce((sum, one) => sum + one, 0),
  };
}

function shortage({
  neededBytes,
  freeBytes,
}: Pick<RollbackPlan, "neededBytes" | "freeBytes">): readonly string[] {
  return freeBytes !== undefined && freeBytes < neededBytes
    ? [
        `The volumes need ${neededBytes} bytes beside the present ones, all copies counted, and the driver has ${freeBytes}: make room, e.g. by ./atom rollback --purge of an older one.`,
      ]
    : [];
}

function restoreMinutes(record: PointRecord): number | undefined {
  const seconds = volumeMembers(record).map((member) => {
    const key = memberKey(member);
    const last = record.verifications.findLast((one) => one.member === key);
    return last?.seconds;
  });
  const known = seconds.filter((one) => one !== undefined);
  return known.length < seconds.length
    ? undefined
    : minutes(known.reduce((sum, one) => sum + one, 0) / PARALLEL);
}

/** Of the last rollback of any point, from the begin of its stop to the end of its start. */
function stopMinutes(points: readonly PointRecord[]): number | undefined {
  const spans = points.flatMap(({ journal: { entries } }) => {
    const began = entries.findLast((one) => one.event === "begun" && one.step === "stop");
    const ended = entries.findLast((one) => one.event === "ended" && one.step === "start");
    const span = Date.parse(ended?.at ?? "") - Date.parse(began?.at ?? "");
    return span > 0 ? [{ at: ended?.at ?? "", span }] : [];
  });
  const last = spans.sort((one, other) => (one.at < other.at ? -1 : 1)).at(-1);
  return last && minutes(last.span / 1000);
}

function minutes(seconds: number): number {
  return Math.ceil(seconds / 6) / 10;
}

function cannotBeUndone(
  { direction, record }: RollbackWorld,
  { left }: ObjectChanges,
): readonly string[] {
  return [
    direction === "back"
      ? `What the product writes after it has started again is not merged with what it wrote before: --undo gives that up in turn.`
      : "What the product wrote since the rollback stays in the restored volumes and is not merged.",
    "What the product has done outside of its volumes: in devices, databases elsewhere, messages that were sent.",
    ...(record.members.some(({ kind }) => kind === "virtualMachine") && direction === "back"
      ? ["The node VMs stay as they are, without --vms."]
      : []),
    ...(left.length === 0
      ? []
      : [
          `${counted(left.length, "object")} that the release does not have ${left.length === 1 ? "stays" : "stay"} as now.`,
        ]),
  ];
}
