import { isIndependent, volumeDisks, type Hardware } from "../../clients/vcenter/hardware";
import type { Vm } from "../../clients/vcenter/vms";
import { deepest } from "../../drift/machines";
import { VM_SNAPSHOT_LOCKS } from "../../planning/backends/vsphereCsi";
import { parseOwnerMark } from "../../planning/names";
import { findWaiver } from "../../planning/problem";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import { holdsReplicas, runsControlPlane } from "../../planning/topology";
import { counted, listed } from "../../planning/words";
import { findings, type Finding, type Told } from "./finding";

/** A snapshot that the next deployment takes. */
export interface DueTake {
  readonly snapshot: string;
  /** The point says that the product is stopped. */
  readonly stopped: boolean;
  /** It also holds volumes, so that the command which takes it stops the product itself. */
  readonly withVolumes: boolean;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** A node's machine that is to be snapshotted. */
export interface TakeQuestion {
  readonly site: Site;
  readonly node: NodeVirtualMachine;
  readonly vm: Vm;
  /** At least one. */
  readonly due: readonly DueTake[];
  readonly now: Date;
}

type Rule = (question: TakeQuestion) => Told | undefined;

/** By the id of the check. */
const rules: Readonly<Record<string, Rule>> = {
  "vm-power": power,
  "vm-depth": depth,
  "vm-age": age,
  "vm-consolidation": consolidation,
  "vm-tools": tools,
  "vm-hardware": readable,
  // What VMware does not support snapshots of.
  "vm-raw-disk": device("raw disks in physical mode", ({ disks }) =>
    disks.filter(({ raw }) => raw === "physicalMode").map(({ label }) => label),
  ),
  "vm-bus-sharing": device(
    "controllers that share their bus with another VM",
    ({ sharedBuses }) => sharedBuses,
  ),
  "vm-passthrough": device("devices of its host passed through", ({ passthrough }) => passthrough),
  "vm-independent-disk": independentDisks,
  [VM_SNAPSHOT_LOCKS]: attachedVolumes,
};

/**
 * Whether a snapshot of a node's machine works, and leads back to what its point says. vSphere refuses some of it only
 * when half the snapshots are taken, and some of it never: that is found at a revert.
 */
export function checkVmTake(question: TakeQuestion): Finding[] {
  const object = `virtual machine of node ${question.node.name}`;
  return Object.entries(rules).flatMap(([check, rule]) => findings(check, object, rule(question)));
}

/** A point that says "stopped" and was taken from a running machine would be believed at a rollback. */
function power({ node, vm, due }: TakeQuestion): Told | undefined {
  const off = vm.powerState === "poweredOff";
  const cold = due.find(({ memory }) => memory);
  if (cold !== undefined && off) {
    return [
      "error",
      `${cold.snapshot} is to hold memory, and ${vm.name} is poweredOff, so vSphere would take it without.`,
      "Power the VM on, or give the point memory: false.",
    ];
  }
  const stopped = due.find((one) => one.stopped);
  if (stopped === undefined || off) {
    return undefined;
  }
  const found = `${stopped.snapshot} has consistency stopped, and ${vm.name} is ${vm.powerState}`;
  if (runsControlPlane(node)) {
    return [
      "error",
      `${found}: an etcd member that goes back to the disk of a running moment breaks its cluster.`,
      "Power all control-plane VMs off in vCenter and take them together, or leave them out of the point.",
    ];
  }
  // The command stops the product itself, and needs running nodes to snapshot its volumes.
  return stopped.withVolumes && vm.powerState === "poweredOn"
    ? undefined
    : [
        "error",
        `${found}.`,
        "Stop the product and power the VM off in vCenter, or give the point consistency: crash.",
      ];
}

function depth({ site, vm, due }: TakeQuestion): Told | undefined {
  const there = vm.snapshots.map(({ name }) => name);
  const limit = site.virtualMachines?.maxDepth ?? 0;
  const longest = deepest(vm.snapshots);
  return longest + due.length <= limit
    ? undefined
    : [
        "error",
        `${vm.name} has ${longest} snapshots in a chain (${there.join(", ")}); ${due.length} more would pass ` +
          `virtualMachines.maxDepth ${limit}.`,
        "Expire an older restore point, or remove the snapshots of others in vCenter first.",
      ];
}

/** A delta only grows: one that is overdue is removed before the next is put on top of it. */
function age({ site, vm, now }: TakeQuestion): Told | undefined {
  const limit = site.virtualMachines?.maxAgeHours ?? 0;
  const overdue = vm.snapshots.filter(
    ({ description, createdAt }) =>
      parseOwnerMark(description)?.stack === site.stack &&
      now.getTime() - Date.parse(createdAt) > limit * 3_600_000,
  );
  return overdue.length === 0
    ? undefined
    : [
        "error",
        `${vm.name} still has ${listed(overdue.map(({ name, createdAt }) => `${name} of ${createdAt}`))}, older ` +
          `than virtualMachines.maxAgeHours ${limit}.`,
        "Expire what is overdue first: ./atom restore-point expire --due.",
      ];
}

function consolidation({ vm: { name, consolidationNeeded } }: TakeQuestion): Told | undefined {
  return consolidationNeeded === false
    ? undefined
    : [
        consolidationNeeded === true ? "error" : "unknown",
        consolidationNeeded === true
          ? `${name} needs consolidation: files of removed snapshots are still in its chain, where nothing counts them.`
          : `vCenter does not say whether ${name} needs consolidation; its host may be disconnected.`,
        "Consolidate its disks in vCenter (Snapshots, Consolidate), then run the command again.",
      ];
}

/** Without Tools vSphere fails when half is taken; nothing falls back to an unquiesced snapshot in silence. */
function tools({ vm, due }: TakeQuestion): Told | undefined {
  const { name, powerState, toolsRunning } = vm;
  const quiesced = due.find(({ quiesce }) => quiesce);
  const on = powerState === "poweredOn";
  if (quiesced === undefined || (on && toolsRunning === true)) {
    return undefined;
  }
  const why = !on
    ? `${name} is ${powerState}, so there is no guest to do it`
    : toolsRunning === undefined
      ? `vCenter does not say whether VMware Tools run in ${name}`
      : `VMware Tools do not run in ${name}`;
  return [
    on && toolsRunning === undefined ? "unknown" : "error",
    `${quiesced.snapshot} is to be quiesced, and ${why}.`,
    "Start the VM and VMware Tools in its guest, or give the point quiesce: false.",
  ];
}

function readable({ site, vm: { name, hardware } }: TakeQuestion): Told | undefined {
  return hardware !== undefined
    ? undefined
    : [
        "unknown",
        `The devices of ${name} cannot be read, so it is not known whether it can be snapshotted.`,
        `Give ${site.virtualMachines?.user ?? "the user"} the privilege System.Read on ${name} in vCenter.`,
      ];
}

function device(what: string, found: (hardware: Hardware) => readonly string[]): Rule {
  return ({ vm: { name, hardware } }) => {
    const labels = hardware === undefined ? [] : found(hardware);
    return labels.length === 0
      ? undefined
      : [
          "error",
          `${name} has ${what} (${labels.join(", ")}), of which vSphere takes no snapshot.`,
          "Leave the node out of virtualMachines of the point, or take the device out of the VM.",
        ];
  };
}

/** Independent disks are left out of a snapshot and stay as they are at a revert. */
function independentDisks({ node, vm, due }: TakeQuestion): Told | undefined {
  const independent = (vm.hardware?.disks ?? []).filter(isIndependent).map(({ label }) => label);
  if (independent.length === 0) {
    return undefined;
  }
  const are = independent.length === 1 ? "is independent" : "are independent";
  const named = `${listed(independent)} of ${vm.name} ${are}`;
  const live = due.find(({ memory }) => memory);
  if (live !== undefined) {
    return [
      "error",
      `${live.snapshot} is to hold memory, and ${named}: vSphere takes no memory of a running VM with such disks.`,
      "Give the point memory: false, or leave the node out of virtualMachines of the point.",
    ];
  }
  const left = holdsReplicas(node)
    ? ": right for replicas, which a revert must not touch."
    : ", and a revert leaves it as it is.";
  return ["warning", `${named}, so the snapshot leaves out what lies there${left}`];
}

/** A snapshot makes the disks of attached volumes part of its chain: they can be neither detached nor grown meanwhile. */
function attachedVolumes({ site, node, vm, now }: TakeQuestion): Told | undefined {
  const volumes = vm.hardware === undefined ? [] : volumeDisks(vm.hardware);
  if (volumes.length === 0) {
    return undefined;
  }
  const waiver = findWaiver(site, VM_SNAPSHOT_LOCKS, ["virtualMachines", node.name], now);
  const message =
    `${vm.name} has ${counted(volumes.length, "volume")} attached ` +
    `(${volumes.map(({ label, volume }) => `${label}: ${volume ?? ""}`).join(", ")}), which cannot be detached while a ` +
    "snapshot of it is kept, so no pod that uses one can move.";
  return waiver !== undefined
    ? ["warning", message, `Waived by ${waiver.who}: ${waiver.why}`]
    : [
        "error",
        message,
        `Drain node ${node.name} until nothing is attached, leave it out of virtualMachines of the point, or answer for it ` +
          `with a waiver {rule: ${VM_SNAPSHOT_LOCKS}, subject: ${node.name}}.`,
      ];
}
