import type { ObjectReference } from "../clients/kubernetes/object";
import type { Registration } from "../engine/program/desiredState";
import { POINT_LABEL } from "../planning/names";
import type { RestorePointFile } from "../planning/site";
import { claimRefusal } from "./judgeClaim";
import { judgeMember } from "./judgeVolume";
import { takeText, declaredPolicy } from "./planTakeVolumes";
import type { PlanContext, StepText } from "./planContext";
import { step } from "./planContext";
import { pointOf, volumeMemberOf } from "./points";
import { carriesOurMark, objectId, ownerLabels, record, referenceFrom, text } from "./resources";
import type { ClusterLive, LiveObject, Step } from "./types";
import { SNAPSHOT_API, volumeSnapshotOf, whyUnread } from "./volumeObjects";
import { find } from "./planObjects";

/** Kinds that decide about a volume's snapshot that was cut. */
const CUT_KINDS = [
  [SNAPSHOT_API, "VolumeSnapshot"],
  [SNAPSHOT_API, "VolumeSnapshotContent"],
] as const;

/** Kinds that decide about one that has to be cut. */
const UNCUT_KINDS = [
  [SNAPSHOT_API, "VolumeSnapshot"],
  ["v1", "PersistentVolumeClaim"],
] as const;

/**
 * What has to be done about one declared VolumeSnapshot. As for VM snapshots, a cut is an event: what was cut is only
 * ever found again, by the storage driver's handle, and never made again.
 */
export function planVolume(context: PlanContext, declared: Registration): Step {
  const point = pointOf(declared.urn, context.points);
  const member = volumeMemberOf(declared.urn, point);
  const reference = referenceFrom(declared.inputs);
  const say = (what: StepText): Step =>
    step(context, declared, { id: objectId(reference), ...what });
  const unread = whyUnread(context, member === undefined ? UNCUT_KINDS : CUT_KINDS);
  const { cluster } = context.live;
  if (unread !== undefined || cluster.state !== "read") {
    return say({ kind: "unknown", reason: unread ?? "The cluster was not read." });
  }
  if (member !== undefined && point !== undefined) {
    const fate = judgeMember(cluster.value, member, declaredPolicy(context, declared));
    return say(takeText({ context, declared, point, members: [member] }, [fate]));
  }
  if (point?.takenAt !== undefined) {
    return say({
      kind: "refuse",
      reason:
        `Restore point ${point.name} was cut at ${point.takenAt} without claim ${claimName(declared, reference)}; ` +
        "nothing is cut into a point afterwards.",
    });
  }
  return say(planUntaken({ context, declared, reference, point, cluster: cluster.value }));
}

interface UntakenSubject {
  readonly context: PlanContext;
  readonly declared: Registration;
  readonly reference: ObjectReference;
  readonly point: RestorePointFile | undefined;
  readonly cluster: ClusterLive;
}

/** The point is being cut, and nothing says yet that this volume was. */
function planUntaken(subject: UntakenSubject): StepText {
  const { context, declared, reference, point, cluster } = subject;
  const namespace = reference.namespace ?? "";
  const claim = claimIn(declared);
  const planned = point?.volumes.find(
    (volume) => volume.namespace === namespace && volume.claim === claim,
  );
  const refusal = claimRefusal(cluster, planned ?? { namespace, claim, uid: "" }, point);
  if (refusal !== undefined) {
    return { kind: "refuse", reason: refusal };
  }
  const live = find(cluster, reference);
  if (live !== undefined) {
    return presentText(subject, live, claim);
  }
  return context.recorded.has(declared.urn)
    ? {
        kind: "refuse",
        reason:
          `It was made for restore point ${point?.name ?? ""} and is gone before its handle was written down; what a second cut ` +
          "would hold is of another moment than the rest. Remove what was cut for the point and cut one anew.",
      }
    : {
        kind: "create",
        reason: `Restore point ${point?.name ?? ""} is being cut: the volume of claim ${namespace}/${claim} is snapshotted.`,
      };
}

function presentText(
  { context, declared, reference, point }: UntakenSubject,
  live: LiveObject,
  claim: string,
): StepText {
  const name = objectId(reference);
  if (!isOurs(live, declared, point)) {
    return { kind: "refuse", reason: foreignReason(`VolumeSnapshot ${name}`, declared) };
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return {
      kind: "refuse",
      reason:
        `It is being deleted since ${live.metadata.deletionTimestamp}, so it is no member of a point that is being cut: run ` +
        "the command again when it is gone.",
    };
  }
  const found = volumeSnapshotOf(live);
  if (found.claim !== claim) {
    return {
      kind: "refuse",
      reason: `A VolumeSnapshot ${name} with our mark is there, but of claim ${found.claim === "" ? "none" : found.claim}: remove it.`,
    };
  }
  return context.recorded.has(declared.urn)
    ? { kind: "same", reason: "As declared." }
    : { kind: "adopt", reason: "It was cut already, by a run that did not get to record it." };
}

/** Owner labels, and the label that names the point: what the same stack made for another one is not this one's. */
export function isOurs(
  live: LiveObject,
  declared: Registration,
  point: RestorePointFile | undefined,
): boolean {
  return (
    carriesOurMark(live, declared.inputs) && live.metadata.labels?.[POINT_LABEL] === point?.name
  );
}

export function foreignReason(object: string, declared: Registration): string {
  const labels = record(record(declared.inputs["metadata"])["labels"]);
  const point = `${POINT_LABEL}=${text(labels[POINT_LABEL])}`;
  return `A ${object} is there without our mark (${ownerLabels(declared.inputs)}, ${point}): remove it, or cut the point under another name.`;
}

function claimIn({ inputs }: Registration): string {
  return text(record(record(inputs["spec"])["source"])["persistentVolumeClaimName"]);
}

function claimName(declared: Registration, { namespace }: ObjectReference): string {
  return `${namespace ?? ""}/${claimIn(declared)}`;
}
