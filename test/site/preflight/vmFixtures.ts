import { VM_SNAPSHOT_LOCKS } from "../../../planning/backends/vsphereCsi";
import { ownerMark } from "../../../planning/names";
import type { Site } from "../../../planning/site";
import type { Hardware } from "../../../clients/vcenter/hardware";
import type { DiskRecord } from "../../../planning/pointRecord";
import type { Vm, VmSnapshot } from "../../../clients/vcenter/vms";
import type { DueTake } from "../../../site/preflight/vmTake";
import { vm } from "../init/observations";

export const GIB = 1_073_741_824;

export const now = new Date("2026-11-23T12:00:00Z");

export function disk(change: Partial<DiskRecord> = {}): DiskRecord {
  return {
    key: 2000,
    label: "Hard disk 1",
    bytes: 100 * GIB,
    datastore: "store",
    file: "k8s-a1/disk1.vmdk",
    mode: "persistent",
    ...change,
  };
}

export function hardware(change: Partial<Hardware> = {}): Hardware {
  return {
    memoryMb: 16_384,
    home: "store",
    disks: [disk()],
    nics: [{ label: "Network adapter 1", mac: "00:50:56:00:00:a1", network: "VM Network" }],
    sharedBuses: [],
    passthrough: [],
    ...change,
  };
}

/** A machine that nothing stands against. */
export function sound(change: Partial<Vm> = {}): Vm {
  return vm("a1", {
    hardware: hardware(),
    toolsRunning: true,
    consolidationNeeded: false,
    datastores: ["store"],
    freeSpace: [{ datastore: "store", freeBytes: 1000 * GIB }],
    ...change,
  });
}

export function due(change: Partial<DueTake> = {}): DueTake {
  return {
    snapshot: "atom.site.pre-24.1",
    stopped: false,
    withVolumes: true,
    memory: false,
    quiesce: false,
    ...change,
  };
}

export function snapshot(reference: string, change: Partial<VmSnapshot> = {}): VmSnapshot {
  return {
    reference,
    name: `name-${reference}`,
    description: "",
    createdAt: "2026-11-23T11:00:00Z",
    parent: undefined,
    ...change,
  };
}

/** Description of a snapshot of ours. */
export function ours(stack: string): string {
  return ownerMark({ stack, point: "old", release: "24.0", node: "a1" });
}

export function waiver(subject: string, until = "2026-12-01T00:00:00Z"): Site["waivers"][number] {
  return { rule: VM_SNAPSHOT_LOCKS, subject, who: "kim", why: "all nodes are drained", until };
}
