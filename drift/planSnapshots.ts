import type { Registration } from "../engine/program/desiredState";
import { memberKey } from "../planning/pointMembers";
import type { VmMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import type { PlanContext, StepText } from "./planContext";
import { command, vmName, step } from "./planContext";
import { memberOf, pointOf } from "./points";
import type { SnapshotInputs } from "./resources";
import { snapshotInputs } from "./resources";
import type { LiveVm, LiveSnapshot, Step } from "./types";

/**
 * What has to be done about one declared VM snapshot.
 *
 * A cut is an event: what was cut once is only ever found again by its reference, never made again, because a snapshot
 * cut today under an old name would lead "back" to today.
 */
export function planSnapshot(context: PlanContext, declared: Registration): Step {
  const inputs = snapshotInputs(declared.inputs);
  const point = pointOf(declared.urn, context.points);
  const member = memberOf(point, inputs.virtualMachineUuid);
  const handle = member?.handle ?? context.recorded.get(declared.urn)?.id;
  const { vcenter } = context.live;
  const say = (what: StepText): Step => step(context, declared, { id: handle, ...what });
  if (vcenter.state !== "read") {
    const why = vcenter.state === "unknown" ? vcenter.why : "vCenter was not read.";
    return say({ kind: "unknown", reason: why });
  }
  const subject: Subject = { context, declared, inputs, point, member };
  const vms = context.vms.get(inputs.virtualMachineUuid) ?? [];
  if (vms.length > 1) {
    return say(severalVms(inputs, vms));
  }
  if (handle !== undefined) {
    return say(planTake(subject, handle, vms[0]));
  }
  return say(
    point?.takenAt === undefined ? planUntaken(subject, vms[0]) : uncutAfterwards(subject, point),
  );
}

interface Subject {
  readonly context: PlanContext;
  readonly declared: Registration;
  readonly inputs: SnapshotInputs;
  readonly point: RestorePointFile | undefined;
  readonly member: VmMember | undefined;
}

function severalVms({ virtualMachineUuid }: SnapshotInputs, vms: readonly LiveVm[]): StepText {
  const names = vms.map(({ name, reference }) => `${name} (${reference})`).join(" and ");
  return {
    kind: "refuse",
    reason:
      `The UUID ${virtualMachineUuid} belongs to ${names}, so it cannot be told which of them is the node: ` +
      "give the clone another BIOS UUID.",
  };
}

/** It was cut, and its reference is known. */
function planTake(subject: Subject, handle: string, vm: LiveVm | undefined): StepText {
  const { context, declared, inputs, point } = subject;
  const live = vm?.snapshots.find(({ reference }) => reference === handle);
  if (live === undefined) {
    return point?.state === "expiring" ? expired(subject) : lost(subject, handle, vm);
  }
  if (live.name !== inputs.snapshotName) {
    return {
      kind: "differs",
      changes: [{ path: "snapshotName", from: live.name, to: inputs.snapshotName }],
      reason:
        `It was renamed in vCenter. It is found by its reference ${handle}, so nothing is lost; name it ` +
        `${inputs.snapshotName} again, so that nobody takes it for a foreign one and removes it.`,
    };
  }
  return context.recorded.get(declared.urn)?.id === handle
    ? { kind: "same", reason: "As declared." }
    : {
        kind: "adopt",
        reason: `It is there with the reference it was cut with (${handle}), but missing in the record.`,
      };
}

function expired({ context, declared }: Subject): StepText {
  return context.recorded.has(declared.urn)
    ? { kind: "forget", reason: "It was removed on purpose: its restore point is expiring." }
    : { kind: "same", reason: "It was removed on purpose: its restore point is expiring." };
}

function lost(
  { context, inputs, point, member }: Subject,
  handle: string,
  vm: LiveVm | undefined,
): StepText {
  const when = point?.takenAt ?? "an earlier time";
  const namesake = vm?.snapshots.find(({ name }) => name === inputs.snapshotName);
  const what =
    vm === undefined
      ? `the virtual machine is not in vCenter any more, and the snapshot went with it`
      : `the snapshot ${handle} is gone`;
  const other =
    namesake === undefined
      ? ""
      : ` A snapshot of the same name (${namesake.reference}) is there; it is not the one that was cut.`;
  const reason = `It was cut at ${when} and ${what}.${other}`;
  if (point === undefined || member === undefined) {
    return {
      kind: "refuse",
      reason:
        `${reason} The restore point cannot be completed: remove its other snapshots in vCenter, set its state to failed ` +
        "in its file, and cut one under another name.",
    };
  }
  return {
    kind: "refuse",
    reason:
      `${reason} It is not cut again: restore point ${point.name} no longer leads back on this machine. ` +
      "The command asks, marks it lost and goes on.",
    command: command(context, "up"),
    lost: [
      {
        kind: "virtualMachine",
        point: point.name,
        key: memberKey(member),
        node: member.node,
        uuid: member.uuid,
        handle,
      },
    ],
  };
}

/** The point is being cut, and nothing says yet that this member was. */
function planUntaken(subject: Subject, vm: LiveVm | undefined): StepText {
  const { inputs } = subject;
  if (vm === undefined) {
    return {
      kind: "refuse",
      reason:
        `No virtual machine with the UUID ${inputs.virtualMachineUuid} is in vCenter: correct ` +
        "virtualMachines.nodes in the stack file.",
    };
  }
  const namesakes = vm.snapshots.filter(({ name }) => name === inputs.snapshotName);
  const ours = namesakes.filter(({ description }) => description === inputs.description);
  const [found] = ours;
  if (ours.length > 1) {
    const all = ours.map(({ reference }) => reference).join(" and ");
    return {
      kind: "refuse",
      reason: `Several snapshots carry our name and mark (${all}): remove all but the one to keep.`,
    };
  }
  if (found !== undefined) {
    return {
      kind: "adopt",
      id: found.reference,
      reason: `It was cut already (${found.reference}, ${found.createdAt}), by a run that did not get to record it.`,
    };
  }
  return namesakes.length > 0
    ? foreign(subject, namesakes)
    : { kind: "create", reason: takeReason(subject, vm) };
}

function foreign({ inputs }: Subject, namesakes: readonly LiveSnapshot[]): StepText {
  const all = namesakes.map(({ reference }) => reference).join(", ");
  return {
    kind: "refuse",
    reason: `A snapshot named ${inputs.snapshotName} is there (${all}) without our mark: rename it or remove it.`,
  };
}

function takeReason({ inputs, point }: Subject, { name }: LiveVm): string {
  const how = inputs.memory
    ? "with its memory"
    : inputs.quiesce
      ? "with a quiesced guest"
      : "without memory";
  return `Restore point ${point?.name ?? ""} is being cut: the disks of ${name} are snapshotted ${how}.`;
}

/** Registered, though its point was cut without it: an edited point file that escaped the digest. */
function uncutAfterwards({ context, inputs }: Subject, point: RestorePointFile): StepText {
  return {
    kind: "refuse",
    reason:
      `Restore point ${point.name} was cut at ${point.takenAt ?? ""} without ` +
      `${vmName(context, inputs.virtualMachineUuid)}; nothing is cut into a point afterwards.`,
  };
}
