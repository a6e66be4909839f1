import type { Site } from "../planning/site";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Vm } from "../clients/vcenter/vms";
import type { Journal } from "./catalog/journal";
import type { VmRecord } from "../planning/pointRecord";

/** What a node's VM is made of, to be compared after a revert. Nothing of it where vCenter does not show its devices. */
export function vmInventory(node: string, vm: Vm, at: string): VmRecord {
  const { uuid, reference, name, powerState, host, hardware } = vm;
  return {
    node,
    uuid,
    reference,
    name,
    at,
    powerState,
    ...(host === undefined ? {} : { host }),
    ...(hardware === undefined ? {} : { memoryMb: hardware.memoryMb }),
    disks: (hardware?.disks ?? []).map((disk) => ({ ...disk, file: baseFile(disk.file) })),
    nics: hardware?.nics ?? [],
  };
}

/** Each snapshot and each revert moves a disk to another delta file, `-000001.vmdk` and so on, of the same base. */
function baseFile(file: string): string {
  return file.replace(/-\d{6}\.vmdk$/, ".vmdk");
}

/** Writes down, before the point is taken, the VMs of the nodes that a point is to hold. */
export async function recordVms(
  nodes: readonly string[],
  site: Site,
  { vcenter, journal, now }: { vcenter: VcenterClient; journal: Journal; now: () => Date },
): Promise<void> {
  const live = new Map((await vcenter.vms()).map((vm) => [vm.uuid, vm]));
  const at = now().toISOString();
  const vms = (site.virtualMachines?.nodes ?? [])
    .filter(({ name }) => nodes.includes(name))
    .flatMap(({ name, uuid }) => {
      const vm = live.get(uuid.toLowerCase());
      return vm === undefined ? [] : [vmInventory(name, vm, at)];
    });
  await journal.note("vms", { count: vms.length }, (record) => ({ ...record, vms }));
}
