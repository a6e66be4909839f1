import { parseOwnerMark } from "../../planning/names";
import { listed } from "../../planning/words";
import type { VmSnapshot } from "../../clients/vcenter/vms";
import type { Finding } from "./finding";
import { checkVmDevices } from "./vmDevices";
import { findingOf, type TakeQuestion } from "./takeQuestion";

/**
 * Whether a snapshot of a node's machine works, and leads back to what its point says. vSphere refuses some of it only
 * in the middle of a cut, and some of it never: that is found at a revert.
 */
export function checkVmTake(question: TakeQuestion): Finding[] {
  return [
    ...checkPower(question),
    ...checkDepth(question),
    ...checkAge(question),
    ...checkConsolidation(question),
    ...checkTools(question),
    ...checkVmDevices(question),
  ];
}

/** A point that says "stopped" and was cut from a running machine would be believed at a rollback. */
function checkPower(question: TakeQuestion): Finding[] {
  const { node, vm, due } = question;
  const finding = findingOf(question);
  const off = vm.powerState === "poweredOff";
  const cold = due.find(({ memory }) => memory);
  if (cold !== undefined && off) {
    return [
      finding(
        "error",
        "vm-power",
        `${cold.snapshot} is to hold memory, and ${vm.name} is poweredOff, so vSphere would cut it without.`,
        "Power the VM on, or give the point memory: false.",
      ),
    ];
  }
  const stopped = due.find((one) => one.stopped);
  if (stopped === undefined || off) {
    return [];
  }
  const found = `${stopped.snapshot} has consistency stopped, and ${vm.name} is ${vm.powerState}`;
  if (node.role === "controlPlane") {
    return [
      finding(
        "error",
        "vm-power",
        `${found}: an etcd member that goes back to the disk of a running moment breaks its cluster.`,
        "Power all control-plane VMs off in vCenter and cut them together, or leave them out of the point.",
      ),
    ];
  }
  // The command stops the product itself, and needs running nodes to snapshot its volumes.
  return stopped.withVolumes && vm.powerState === "poweredOn"
    ? []
    : [
        finding(
          "error",
          "vm-power",
          `${found}.`,
          "Stop the product and power the VM off in vCenter, or give the point consistency: crash.",
        ),
      ];
}

function checkDepth(question: TakeQuestion): Finding[] {
  const { site, vm, due } = question;
  const there = vm.snapshots.map(({ name }) => name);
  const limit = site.virtualMachines?.maxDepth ?? 0;
  const depth = deepest(vm.snapshots);
  return depth + due.length <= limit
    ? []
    : [
        findingOf(question)(
          "error",
          "vm-depth",
          `${vm.name} has ${depth} snapshots in a chain (${there.join(", ")}); ${due.length} more would pass ` +
            `virtualMachines.maxDepth ${limit}.`,
          "Expire an older restore point, or remove the snapshots of others in vCenter first.",
        ),
      ];
}

/** Snapshots in the longest chain; each makes every read of the disks slower. */
function deepest(snapshots: readonly VmSnapshot[]): number {
  const depths = new Map<string, number>();
  for (const { reference, parent } of snapshots) {
    depths.set(reference, (parent === undefined ? 0 : (depths.get(parent) ?? 0)) + 1);
  }
  return Math.max(0, ...depths.values());
}

/** A delta only grows: one that is overdue is removed before the next is put on top of it. */
function checkAge(question: TakeQuestion): Finding[] {
  const { site, vm, now } = question;
  const limit = site.virtualMachines?.maxAgeHours ?? 0;
  const overdue = vm.snapshots.filter(
    ({ description, createdAt }) =>
      parseOwnerMark(description)?.stack === site.stack &&
      now.getTime() - Date.parse(createdAt) > limit * 3_600_000,
  );
  return overdue.length === 0
    ? []
    : [
        findingOf(question)(
          "error",
          "vm-age",
          `${vm.name} still has ${listed(overdue.map(({ name, createdAt }) => `${name} of ${createdAt}`))}, older ` +
            `than virtualMachines.maxAgeHours ${limit}.`,
          "Expire what is overdue first: ./atom restore-point expire --due.",
        ),
      ];
}

function checkConsolidation(question: TakeQuestion): Finding[] {
  const { name, consolidationNeeded } = question.vm;
  if (consolidationNeeded === false) {
    return [];
  }
  const finding = findingOf(question);
  const remedy =
    "Consolidate its disks in vCenter (Snapshots, Consolidate), then run the command again.";
  return consolidationNeeded === true
    ? [
        finding(
          "error",
          "vm-consolidation",
          `${name} needs consolidation: files of removed snapshots are still in its chain, where nothing counts them.`,
          remedy,
        ),
      ]
    : [
        finding(
          "unknown",
          "vm-consolidation",
          `vCenter does not say whether ${name} needs consolidation; its host may be disconnected.`,
          remedy,
        ),
      ];
}

/** Without Tools vSphere fails the cut in its middle; nothing falls back to an unquiesced one in silence. */
function checkTools(question: TakeQuestion): Finding[] {
  const { vm, due } = question;
  const { name, powerState, tools } = vm;
  const quiesced = due.find(({ quiesce }) => quiesce);
  if (quiesced === undefined || (powerState === "poweredOn" && tools?.running === true)) {
    return [];
  }
  const finding = findingOf(question);
  const say = (severity: Finding["severity"], why: string): Finding[] => [
    finding(
      severity,
      "vm-tools",
      `${quiesced.snapshot} is to be quiesced, and ${why}.`,
      "Start the VM and VMware Tools in its guest, or give the point quiesce: false.",
    ),
  ];
  if (powerState !== "poweredOn") {
    return say("error", `${name} is ${powerState}, so there is no guest to do it`);
  }
  return tools === undefined
    ? say("unknown", `vCenter does not say whether VMware Tools run in ${name}`)
    : say("error", `VMware Tools do not run in ${name}`);
}
