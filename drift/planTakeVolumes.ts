import type { Registration } from "../engine/program/desiredState";
import type { VolumeMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import type { DeclaredPolicy, MemberFate } from "./judgeVolume";
import { lostVolume } from "./judgeVolume";
import type { PlanContext, StepText } from "./planContext";
import { command } from "./planContext";
import { find } from "./planObjects";
import { record, referenceFrom, text } from "./resources";

interface TakeSubject {
  readonly context: PlanContext;
  readonly declared: Registration;
  readonly point: RestorePointFile;
  readonly members: readonly VolumeMember[];
}

/** What follows from the fates of the members that one object stands for. */
export function takeText(
  { context, declared, point, members }: TakeSubject,
  fates: readonly MemberFate[],
): StepText {
  const recorded = context.recorded.has(declared.urn);
  if (point.state === "expiring") {
    return expiringText(isThere(context, declared), recorded);
  }
  const gone = members.filter((_, index) => fates[index]?.state === "lost");
  if (gone.length > 0) {
    return lostText({ context, point, gone, members, fates });
  }
  const unknown = fates.find((fate) => fate.state === "unknown");
  if (unknown !== undefined) {
    return { kind: "unknown", reason: unknown.reason };
  }
  const differing = fates.filter((fate) => fate.state === "differs");
  const [first] = differing;
  if (first !== undefined) {
    return {
      // Without the object the engine cannot go on, since it would make it anew; the lab's executor leaves it alone.
      kind: isThere(context, declared) || context.deployed.way === "lab" ? "differs" : "refuse",
      reason: differing.map(({ reason }) => reason).join(" "),
      changes: differing.flatMap(({ changes }) => changes ?? []),
      command: differing.length === 1 ? first.command : undefined,
      // Not to be adopted where it is not there.
      ...(isThere(context, declared) ? {} : { id: undefined }),
    };
  }
  if (recorded) {
    return { kind: "same", reason: "As declared." };
  }
  const handles = members.map(({ handle }) => handle).join(", ");
  return {
    kind: "adopt",
    reason: `It is there with the handle it was cut with (${handles}), but missing in the record.`,
  };
}

/** Its policy is Delete by now, or it is gone: `expire` is at work, and nothing of that is a finding. */
function expiringText(there: boolean, recorded: boolean): StepText {
  if (there) {
    const reason = "It is being removed: its restore point is expiring.";
    return { kind: recorded ? "same" : "adopt", reason };
  }
  return {
    kind: recorded ? "forget" : "same",
    id: undefined,
    reason: "It was removed on purpose: its restore point is expiring.",
  };
}

function lostText({
  context,
  point,
  gone,
  members,
  fates,
}: {
  readonly context: PlanContext;
  readonly point: RestorePointFile;
  readonly gone: readonly VolumeMember[];
  readonly members: readonly VolumeMember[];
  readonly fates: readonly MemberFate[];
}): StepText {
  const said = gone.map((member) => {
    const fate = fates[members.indexOf(member)];
    const why = fate?.state === "lost" ? fate.reason : "";
    return `The snapshot of claim ${member.namespace}/${member.claim} was cut at ${member.createdAt}, and ${why}`;
  });
  return {
    kind: "refuse",
    reason:
      `${said.join(" ")} It is not cut again: restore point ${point.name} no longer leads back for this volume. ` +
      "The command asks, marks it lost and goes on.",
    command: command(context, "up"),
    lost: gone.map((member) => lostVolume(point, member)),
  };
}

/** Deletion policy of the class that a snapshot names, as the program declares it. */
export function declaredPolicy({ desired }: PlanContext, { inputs }: Registration): DeclaredPolicy {
  const spec = record(inputs["spec"]);
  const name = text(spec["volumeSnapshotClassName"] ?? spec["volumeGroupSnapshotClassName"]);
  const declared = desired.registrations.find(
    (other) =>
      ["VolumeSnapshotClass", "VolumeGroupSnapshotClass"].includes(text(other.inputs["kind"])) &&
      text(record(other.inputs["metadata"])["name"]) === name,
  );
  return declared === undefined ? undefined : text(declared.inputs["deletionPolicy"]);
}

function isThere({ live: { cluster } }: PlanContext, { inputs }: Registration): boolean {
  return cluster.state === "read" && find(cluster.value, referenceFrom(inputs)) !== undefined;
}
