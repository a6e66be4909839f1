import { whyUnread } from "../clients/access";
import type { Registration } from "../engine/program/desiredState";
import type { StackResource } from "../engine/stackState";
import { vmKey } from "../planning/pointMembers";
import { isTaken, takenAt } from "../planning/restorePoints";
import type { PointFile, TakenVmSnapshot } from "../planning/site";
import { blocked, type DriftContext, type Verdict, command, finding, vmName } from "./context";
import { memberOf, pointNameIn, pointOf } from "./points";
import { type SnapshotInputs, snapshotInputs } from "./resources";
import type { Finding, LiveVm } from "./types";

/**
 * What is to be said of one declared VM snapshot.
 *
 * A snapshot that was taken once is only ever found again by its reference, never made again, because one taken today
 * under an old name would lead "back" to today.
 */
export function judgeSnapshot(context: DriftContext, declared: Registration): Finding {
  const inputs = snapshotInputs(declared.inputs);
  const point = pointOf(declared.urn, context.points);
  const member = memberOf(point, inputs.virtualMachineUuid);
  const handle = member?.handle ?? context.recorded.get(declared.urn)?.id;
  const { vcenter } = context.live;
  const say = (verdict: Verdict): Finding => finding(context, declared, { id: handle, ...verdict });
  if (vcenter.state !== "read") {
    return say({ kind: "unknown", reason: whyUnread(vcenter, "vCenter was not read.") });
  }
  const subject: Subject = { context, declared, inputs, point, member };
  const [vm, ...others] = context.vms.get(inputs.virtualMachineUuid) ?? [];
  if (vm !== undefined && others.length > 0) {
    const names = [vm, ...others].map(({ name, reference }) => `${name} (${reference})`);
    const reason =
      `The UUID ${inputs.virtualMachineUuid} belongs to ${names.join(" and ")}, so that it is not known which of them is ` +
      "the node: give the clone another BIOS UUID.";
    return say(blocked("foreign", reason));
  }
  if (handle !== undefined) {
    return say(judgeTaken(subject, handle, vm));
  }
  if (point === undefined || !isTaken(point)) {
    return say(judgeUntaken(subject, vm));
  }
  // Registered, though its point was taken without it: an edited point file that escaped the digest.
  const reason =
    `Restore point ${point.name} was taken at ${takenAt(point) ?? ""} without ` +
    `${vmName(context, inputs.virtualMachineUuid)}; nothing is taken into a point afterwards.`;
  return say(blocked("foreign", reason));
}

interface Subject {
  readonly context: DriftContext;
  readonly declared: Registration;
  readonly inputs: SnapshotInputs;
  readonly point: PointFile | undefined;
  readonly member: TakenVmSnapshot | undefined;
}

/** It was taken, and its reference is known. */
function judgeTaken(subject: Subject, handle: string, vm: LiveVm | undefined): Verdict {
  const { context, declared, inputs, point } = subject;
  const live = vm?.snapshots.find(({ reference }) => reference === handle);
  const recorded = context.recorded.get(declared.urn);
  if (live === undefined) {
    return point?.state === "expiring"
      ? {
          kind: "same",
          reason: "It was removed on purpose: its restore point is expiring.",
          ...(recorded === undefined ? {} : { state: "remove" }),
        }
      : lost(subject, handle, vm);
  }
  const missing = recorded?.id === handle ? {} : { state: "import" as const };
  if (live.name !== inputs.snapshotName) {
    return {
      kind: "differs",
      changes: [{ path: "snapshotName", from: live.name, to: inputs.snapshotName }],
      reason:
        `It was renamed in vCenter. It is found by its reference ${handle}, so nothing is lost; name it ` +
        `${inputs.snapshotName} again, so that nobody takes it for a foreign one and removes it.`,
      ...missing,
    };
  }
  return {
    kind: "same",
    reason:
      missing.state === undefined
        ? "As declared."
        : `It is there with the reference with which it was taken (${handle}), but the stack's state lacks it.`,
    ...missing,
  };
}

function lost(
  { context, inputs, point, member }: Subject,
  handle: string,
  vm: LiveVm | undefined,
): Verdict {
  const when = member?.takenAt ?? "an earlier time";
  const namesake = vm?.snapshots.find(({ name }) => name === inputs.snapshotName);
  const what =
    vm === undefined
      ? "the virtual machine is not in vCenter any more, and the snapshot went with it"
      : `the snapshot ${handle} is gone`;
  const other =
    namesake === undefined
      ? ""
      : ` A snapshot of the same name (${namesake.reference}) is there; it is not the one that was taken.`;
  const reason = `It was taken at ${when} and ${what}.${other}`;
  if (point === undefined || member === undefined) {
    return blocked(
      "lost",
      `${reason} The restore point cannot be completed: remove its other snapshots in vCenter, set its state to ` +
        "failed in its file, and take one under another name.",
    );
  }
  const { node, uuid } = member;
  return {
    kind: "lost",
    reason:
      `${reason} It is not taken again: restore point ${point.name} no longer leads back on this VM. ` +
      "The command asks, marks it lost and goes on.",
    command: command(context, "up"),
    lost: { point: point.name, key: vmKey(node), node, uuid, handle },
  };
}

/** The point is being taken, and nothing says yet that this member was. */
function judgeUntaken({ inputs, point }: Subject, vm: LiveVm | undefined): Verdict {
  if (vm === undefined) {
    return blocked(
      "missing",
      `No virtual machine with the UUID ${inputs.virtualMachineUuid} is in vCenter: correct ` +
        "virtualMachines.nodes in the stack file.",
    );
  }
  const namesakes = vm.snapshots.filter(({ name }) => name === inputs.snapshotName);
  const ours = namesakes.filter(({ description }) => description === inputs.description);
  const [found] = ours;
  if (ours.length > 1) {
    const all = ours.map(({ reference }) => reference).join(" and ");
    return blocked(
      "foreign",
      `Several snapshots carry our name and mark (${all}): remove all but the one to keep.`,
    );
  }
  if (found !== undefined) {
    return {
      kind: "same",
      state: "import",
      id: found.reference,
      reason: `It was taken already (${found.reference}, ${found.createdAt}), by a run that did not get to record it.`,
    };
  }
  if (namesakes.length > 0) {
    const all = namesakes.map(({ reference }) => reference).join(", ");
    return blocked(
      "foreign",
      `A snapshot named ${inputs.snapshotName} is there (${all}) without our mark: rename it or remove it.`,
    );
  }
  const how = inputs.memory
    ? "with its memory"
    : inputs.quiesce
      ? "with a quiesced guest"
      : "without memory";
  const reason = `Restore point ${point?.name ?? ""} is being taken: a snapshot of ${vm.name} ${how}.`;
  return { kind: "missing", reason };
}

/** A recorded VM snapshot that is not declared any more. Only the state is ever changed here; `expire` removes it. */
export function judgeUndeclared(context: DriftContext, resource: StackResource): Finding {
  const { urn, id, inputs } = resource;
  const { vcenter } = context.live;
  const point = pointOf(urn, context.points);
  const member = memberOf(point, snapshotInputs(inputs).virtualMachineUuid);
  const ended = member?.lost ?? member?.expiredAt;
  const say = (verdict: Verdict): Finding => finding(context, resource, { id, ...verdict });
  if (ended !== undefined) {
    return say({ kind: "same", state: "remove", reason: `It ended at ${ended}.` });
  }
  if (vcenter.state !== "read") {
    return say({ kind: "unknown", reason: whyUnread(vcenter, "vCenter was not read.") });
  }
  const there = vcenter.value.vms.some(({ snapshots }) =>
    snapshots.some(({ reference }) => reference === id),
  );
  if (!there) {
    const reason = "It is not declared any more, and it is gone.";
    return say({ kind: "undeclared", state: "remove", reason });
  }
  const reason =
    (point === undefined
      ? "It was taken for a restore point whose file is missing here. "
      : `It was taken, but restore point ${point.name} does not list it any more. `) +
    "A snapshot that was taken is never removed by a deployment. Bring the point's file back from version control; " +
    "if the point is to end, the command removes it then.";
  const mends = command(context, `restore-point expire ${point?.name ?? pointNameIn(urn)}`);
  return say(blocked("undeclared", reason, { command: mends }));
}
