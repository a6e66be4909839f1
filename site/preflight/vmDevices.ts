import { VM_SNAPSHOT_LOCKS } from "../../planning/backends/vsphereCsiChecks";
import { counted, listed } from "../../planning/words";
import { isIndependent, volumeDisks, type Hardware } from "../../clients/vcenter/hardware";
import { findingOf, type TakeQuestion } from "./takeQuestion";
import type { Finding } from "./finding";

/** Whether all that the machine is made of can be snapshotted, and what a snapshot leaves out or holds fast. */
export function checkVmDevices(question: TakeQuestion): Finding[] {
  const { name, hardware } = question.vm;
  if (hardware === undefined) {
    const user = question.site.virtualMachines?.user ?? "the user";
    return [
      findingOf(question)(
        "unknown",
        "vm-hardware",
        `The devices of ${name} cannot be read, so it is not known whether it can be snapshotted.`,
        `Give ${user} the privilege System.Read on ${name} in vCenter.`,
      ),
    ];
  }
  return [
    ...checkDevices(question, hardware),
    ...checkIndependent(question, hardware),
    ...checkVolumes(question, hardware),
  ];
}

/** What VMware does not support snapshots of. */
function checkDevices(question: TakeQuestion, hardware: Hardware): Finding[] {
  const { name } = question.vm;
  const physical = hardware.disks.filter(({ raw }) => raw === "physicalMode");
  const refused: readonly (readonly [string, readonly string[], string])[] = [
    ["vm-raw-disk", physical.map(({ label }) => label), "raw disks in physical mode"],
    ["vm-bus-sharing", hardware.sharedBuses, "controllers that share their bus with another VM"],
    ["vm-passthrough", hardware.passthrough, "devices of its host passed through"],
  ];
  return refused.flatMap(([check, labels, what]) =>
    labels.length === 0
      ? []
      : [
          findingOf(question)(
            "error",
            check,
            `${name} has ${what} (${labels.join(", ")}), of which vSphere takes no snapshot.`,
            "Leave the node out of virtualMachines of the point, or take the device out of the VM.",
          ),
        ],
  );
}

/** Independent disks are left out of a snapshot and stay as they are at a revert. */
function checkIndependent(question: TakeQuestion, { disks }: Hardware): Finding[] {
  const { node, vm, due } = question;
  const independent = disks.filter(isIndependent).map(({ label }) => label);
  if (independent.length === 0) {
    return [];
  }
  const finding = findingOf(question);
  const are = independent.length === 1 ? "is independent" : "are independent";
  const named = `${listed(independent)} of ${vm.name} ${are}`;
  const live = due.find(({ memory }) => memory);
  if (live !== undefined) {
    return [
      finding(
        "error",
        "vm-independent-disk",
        `${live.snapshot} is to hold memory, and ${named}: vSphere takes no memory of a running VM with such disks.`,
        "Give the point memory: false, or leave the node out of virtualMachines of the point.",
      ),
    ];
  }
  return [
    finding(
      "warning",
      "vm-independent-disk",
      node.role === "storage"
        ? `${named}, so the snapshot leaves out what lies there: right for replicas, which a revert must not touch.`
        : `${named}, so the snapshot leaves out what lies there, and a revert leaves it as it is.`,
    ),
  ];
}

/** A snapshot makes the disks of attached volumes part of its chain: they can be neither detached nor grown meanwhile. */
function checkVolumes(question: TakeQuestion, hardware: Hardware): Finding[] {
  const { site, node, vm, now } = question;
  const volumes = volumeDisks(hardware);
  if (volumes.length === 0) {
    return [];
  }
  const waiver = site.waivers.find(
    ({ rule, subject, until }) =>
      rule === VM_SNAPSHOT_LOCKS &&
      (subject === "virtualMachines" || subject === node.name) &&
      Date.parse(until) > now.getTime(),
  );
  const message =
    `${vm.name} has ${counted(volumes.length, "volume")} attached ` +
    `(${volumes.map(({ label, volume }) => `${label}: ${volume ?? ""}`).join(", ")}), which cannot be detached while a ` +
    "snapshot of it is kept, so no pod that uses one can move.";
  const finding = findingOf(question);
  return [
    waiver === undefined
      ? finding(
          "error",
          VM_SNAPSHOT_LOCKS,
          message,
          `Drain node ${node.name} until nothing is attached, leave it out of virtualMachines of the point, or answer for it ` +
            `with a waiver {rule: ${VM_SNAPSHOT_LOCKS}, subject: ${node.name}}.`,
        )
      : finding("warning", VM_SNAPSHOT_LOCKS, message, `Waived by ${waiver.who}: ${waiver.why}`),
  ];
}
