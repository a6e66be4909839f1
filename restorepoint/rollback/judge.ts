import { fieldText, fullName } from "../../clients/kubernetes/object";
import { isLiving, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { findWaiver } from "../../planning/problem";
import { listed } from "../../planning/words";
import { lastProof } from "../presence";
import { judgeStop } from "../product/hazards";
import { claimsOf } from "../product/stop";
import { parseQuantity } from "../quantity";
import { workloadOfPod } from "../release/images";
import { planScratch } from "../verify/scratchPlan";
import { judgeNodes, judgeObjects } from "./judgeSystems";
import { liveClaim } from "./record";
import { NOTHING, type Judgement, type PlannedClaim, type RollbackWorld } from "./types";

/** What stands against a rollback, and what is to be known before it; pure. */
export function judgeRollback(world: RollbackWorld, claims: readonly PlannedClaim[]): Judgement {
  const found = [
    world.direction === "back" ? judgePoint(world) : judgeKept(world, claims),
    judgeStopping(world),
    judgeNodes(world, claims),
    judgeObjects(world),
  ];
  return {
    refusals: found.flatMap(({ refusals }) => refusals),
    warnings: found.flatMap(({ warnings }) => warnings),
  };
}

function judgePoint(world: RollbackWorld): Judgement {
  const { record, sources, stop, points, unbound } = world;
  const { name, state, takenAt, objects } = record;
  if (takenAt === undefined || state === "expiring" || state === "expired") {
    return {
      ...NOTHING,
      refusals: [
        `Restore point ${name} is ${state}: only one that was taken, and has not ended, leads back.`,
      ],
    };
  }
  const members = volumeMembers(record);
  if (members.length === 0) {
    return { ...NOTHING, refusals: [`Restore point ${name} holds no volumes.`] };
  }
  const of = (list: readonly { readonly namespace: string; readonly claim: string }[]): string =>
    listed(list.map(({ namespace, claim }) => `${namespace}/${claim}`));
  const lost = members.filter((member) => !isLiving(member));
  const unplanned = members.flatMap((member) => {
    const plan = planScratch(member, { ...sources, content: undefined });
    return "unknown" in plan ? [`${of([member])}: ${plan.unknown}.`] : [];
  });
  const anew = members.filter((member) => {
    const live = liveClaim(stop.claims, member);
    return (
      live !== undefined && !knownUids(points, member).has(live.metadata.uid?.toLowerCase() ?? "")
    );
  });
  const others = stop.claims
    .map(fullName)
    .filter((one) => !members.some((member) => of([member]) === one));
  return {
    refusals: [
      ...(objects === undefined
        ? [`The objects of the release were never stored for ${name}: its images would not return.`]
        : []),
      ...(lost.length === 0 ? [] : [`Snapshots are lost: ${of(lost)}. Choose another point.`]),
      ...unplanned,
    ],
    warnings: [
      ...(lastProof(record) === undefined
        ? [`Restore point ${name} is not proven: run ./atom restore-point verify ${name} first.`]
        : []),
      ...(unbound.length === 0
        ? []
        : [
            `No VolumeSnapshot leads to the snapshots of ${of(unbound)} any more: the storage is asked for them by their handles, before anything is stopped.`,
          ]),
      ...(anew.length === 0
        ? []
        : [
            `Made anew since by somebody else: ${of(anew)}. Their volumes of now are kept like the others.`,
          ]),
      ...(others.length === 0
        ? []
        : [`Not held by the point, and left as they are: ${listed(others)}.`]),
      ...shrinking(world),
    ],
  };
}

/** UIDs that a claim has had by what any point knows: a rollback gives it a new one, and older points still lead back. */
function knownUids(
  points: readonly PointRecord[],
  { namespace, claim }: { readonly namespace: string; readonly claim: string },
): ReadonlySet<string> {
  const own = (one: { readonly namespace: string; readonly claim: string }): boolean =>
    one.namespace === namespace && one.claim === claim;
  return new Set(
    points.flatMap((point) => [
      ...[...point.lineage, ...point.volumes].filter(own).map(({ uid }) => uid.toLowerCase()),
      ...(point.rollbacks ?? []).flatMap(({ claims }) =>
        claims.filter(own).flatMap(({ kept }) => kept?.uid.toLowerCase() ?? []),
      ),
    ]),
  );
}

function shrinking({ record, volumes, stop }: RollbackWorld): readonly string[] {
  return volumeMembers(record).flatMap(({ namespace, claim, uid }) => {
    const then = record.lineage.findLast((one) => one.claim === claim && one.uid === uid)?.capacity;
    const live = liveClaim(stop.claims, { namespace, claim });
    const volume = volumes.get(live === undefined ? "" : fieldText(live, "spec", "volumeName"));
    const size = volume === undefined ? "" : fieldText(volume, "spec", "capacity", "storage");
    return then !== undefined && size !== "" && parseQuantity(size) > parseQuantity(then)
      ? [`${namespace}/${claim} has ${size} now and gets ${then} back.`]
      : [];
  });
}

function judgeKept(
  { volumes, rollback }: RollbackWorld,
  claims: readonly PlannedClaim[],
): Judgement {
  const gone = claims.filter(({ to }) => to !== undefined && !volumes.has(to));
  const purged = (rollback?.claims ?? []).some((one) => one.purged !== undefined);
  return {
    ...NOTHING,
    refusals: [
      ...(purged ? ["The kept volumes were purged: there is nothing to go back to."] : []),
      ...(gone.length === 0 || purged
        ? []
        : [
            `Kept volumes are gone from the cluster: ${listed(gone.map(({ to = "" }) => to))}. Make their PersistentVolumes again first, by the handles in the catalog.`,
          ]),
    ],
  };
}

function judgeStopping({ site, stop, pods, volumes }: RollbackWorld): Judgement {
  // What can be paused is.
  const hazards = judgeStop({ ...stop, keepers: [] }).filter(
    // An expired waiver stops a deployment, never the way back.
    ({ rule, subject }) => findWaiver(site, rule, [subject]) === undefined,
  );
  const stopping = new Set(
    stop.workloads.map(
      ({ kind, metadata }) => `${metadata.namespace ?? ""} ${kind}/${metadata.name}`,
    ),
  );
  const strays = pods.filter((pod) => {
    const owner = workloadOfPod(pod);
    return !owner.startsWith("Job/") && !stopping.has(`${pod.metadata.namespace ?? ""} ${owner}`);
  });
  const dying = pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  const going = [...volumes.values()].filter(
    (volume) =>
      volume.metadata.deletionTimestamp !== undefined &&
      stop.claims.some((claim) => fieldText(claim, "spec", "volumeName") === volume.metadata.name),
  );
  return {
    refusals: [
      ...hazards.map(({ text }) => text),
      ...strays.map(
        (pod) =>
          `Pod ${fullName(pod)} of ${workloadOfPod(pod)} holds ${claimsOf(pod).join(", ")} and is none of the workloads that ` +
          "are stopped. Remove it, or select its workload by product.workloads.",
      ),
      ...going.map(
        ({ metadata }) =>
          `PersistentVolume ${metadata.name} is being deleted since ${metadata.deletionTimestamp ?? ""}: it cannot be kept.`,
      ),
    ],
    warnings: dying.map(
      (pod) =>
        `Pod ${fullName(pod)} is being deleted since ${pod.metadata.deletionTimestamp ?? ""} and may not end by itself.`,
    ),
  };
}
