import type { Registration } from "../engine/program/desiredState";
import { POINT_LABEL } from "../planning/names";
import type { RestorePointFile } from "../planning/site";
import { isLiving } from "../planning/pointMembers";
import { judgeMember } from "./judgeVolume";
import type { PlanContext, StepText } from "./planContext";
import { step } from "./planContext";
import { find } from "./planObjects";
import { groupMembersOf, pointOf } from "./points";
import { claimRefusal } from "./judgeClaim";
import { takeText, declaredPolicy } from "./planTakeVolumes";
import { foreignReason, isOurs } from "./planVolumes";
import { objectId, referenceFrom } from "./resources";
import type { ClusterLive, Step } from "./types";
import { claimOf, SNAPSHOT_API, whyUnread } from "./volumeObjects";

/**
 * What has to be done about one declared VolumeGroupSnapshot: all volumes of a namespace, cut at one moment. Its
 * members are objects of the snapshot controller's; once they are recorded, each is judged by its own handle.
 */
export function planGroup(context: PlanContext, declared: Registration): Step {
  const point = pointOf(declared.urn, context.points);
  const members = groupMembersOf(declared.urn, point).filter(isLiving);
  const reference = referenceFrom(declared.inputs);
  const { apiVersion, kind, namespace = "" } = reference;
  const say = (what: StepText): Step =>
    step(context, declared, { id: objectId(reference), ...what });
  const own = [apiVersion, kind] as const;
  const unread = whyUnread(
    context,
    members.length === 0
      ? [own, ["v1", "PersistentVolumeClaim"]]
      : [own, [SNAPSHOT_API, "VolumeSnapshot"], [SNAPSHOT_API, "VolumeSnapshotContent"]],
  );
  const { cluster } = context.live;
  if (unread !== undefined || cluster.state !== "read") {
    return say({ kind: "unknown", reason: unread ?? "The cluster was not read." });
  }
  if (members.length > 0 && point !== undefined) {
    const policy = declaredPolicy(context, declared);
    const fates = members.map((member) => judgeMember(cluster.value, member, policy));
    const gone = find(cluster.value, reference) === undefined;
    const whole = gone && fates.every(({ state }) => state === "there");
    return say(
      whole && point.state !== "expiring"
        ? withoutGroup(context, objectId(reference))
        : takeText({ context, declared, point, members }, fates),
    );
  }
  if (point?.takenAt !== undefined) {
    return say({
      kind: "refuse",
      reason:
        `Restore point ${point.name} was cut at ${point.takenAt} without volumes of namespace ${namespace}; ` +
        "nothing is cut into a point afterwards.",
    });
  }
  return say(planUntaken(context, declared, point, cluster.value, namespace));
}

/** The members are whole; only the object that made them is gone, which nothing is restored from. */
function withoutGroup({ deployed }: PlanContext, name: string): StepText {
  return {
    kind: deployed.way === "lab" ? "differs" : "refuse",
    id: undefined,
    reason:
      `The VolumeGroupSnapshot ${name} is gone, but all its members are there with the handles they were cut with. ` +
      "It is not made again, because that would cut today's state.",
  };
}

function planUntaken(
  context: PlanContext,
  declared: Registration,
  point: RestorePointFile | undefined,
  cluster: ClusterLive,
  namespace: string,
): StepText {
  const planned = (point?.volumes ?? []).filter((volume) => volume.namespace === namespace);
  const refusals = planned.flatMap((volume) => claimRefusal(cluster, volume, point) ?? []);
  const strangers = labelledClaims(cluster, namespace, point?.name ?? "").filter(
    (claim) => !planned.some((volume) => volume.claim === claim),
  );
  if (strangers.length > 0) {
    refusals.push(
      `The label ${POINT_LABEL}=${point?.name ?? ""} is on claims that the point was not planned with and that the group would ` +
        `cut, too: ${strangers.map((claim) => `${namespace}/${claim}`).join(", ")}. Take it off.`,
    );
  }
  if (refusals.length > 0) {
    return { kind: "refuse", reason: refusals.join(" ") };
  }
  const reference = referenceFrom(declared.inputs);
  const live = find(cluster, reference);
  const recorded = context.recorded.has(declared.urn);
  if (live === undefined) {
    return recorded
      ? {
          kind: "refuse",
          reason:
            `It was made for restore point ${point?.name ?? ""} and is gone before its members were written down; what a second ` +
            "cut would hold is of another moment than the rest. Remove what was cut for the point and cut one anew.",
        }
      : {
          kind: "create",
          reason: `Restore point ${point?.name ?? ""} is being cut: ${planned.length} volumes of namespace ${namespace} are snapshotted at one moment.`,
        };
  }
  if (!isOurs(live, declared, point)) {
    return {
      kind: "refuse",
      reason: foreignReason(`VolumeGroupSnapshot ${objectId(reference)}`, declared),
    };
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return {
      kind: "refuse",
      reason:
        `It is being deleted since ${live.metadata.deletionTimestamp}, so it is no member of a point that is being cut: run ` +
        "the command again when it is gone.",
    };
  }
  return recorded
    ? { kind: "same", reason: "As declared." }
    : { kind: "adopt", reason: "It was cut already, by a run that did not get to record it." };
}

function labelledClaims(cluster: ClusterLive, namespace: string, point: string): string[] {
  return [...cluster.objects.values()]
    .filter(
      (object) =>
        object.kind === "PersistentVolumeClaim" &&
        object.metadata.namespace === namespace &&
        claimOf(object).labels[POINT_LABEL] === point,
    )
    .map(({ metadata }) => metadata.name);
}
