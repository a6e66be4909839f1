import type { Site } from "../planning/site";
import { listed } from "../planning/words";
import type { VcenterClient } from "../clients/vcenter/client";
import { volumeDisks } from "../clients/vcenter/hardware";
import type { Vm } from "../clients/vcenter/vms";
import { readFrom, type Access } from "../clients/access";

/** Whether VM snapshots hold volumes fast, which then cannot go to another node when theirs fails. */
export type HeldVolumes =
  | { readonly state: "read"; readonly lines: readonly string[] }
  /** Tried and failed; or of some machines vCenter does not show the devices. */
  | { readonly state: "unknown"; readonly why: string }
  /** The nodes are no VMs of a vCenter. */
  | { readonly state: "notNeeded" };

/** Reads the machines and judges them. Never throws for a vCenter that does not answer. */
export async function observeHeldVolumes(
  site: Site,
  vcenter: Access<VcenterClient>,
): Promise<HeldVolumes> {
  if (site.virtualMachines === undefined) {
    return { state: "notNeeded" };
  }
  const vms = await readFrom(vcenter, (client) => client.vms());
  return vms.state === "read" ? heldVolumes(site, vms.value) : vms;
}

/**
 * A line for each node whose attached volumes a snapshot holds. Which disks a snapshot has in it is not asked: a volume
 * that was attached after it was taken is counted as well, because a later detach may still fail.
 */
export function heldVolumes(site: Site, vms: readonly Vm[]): HeldVolumes {
  const held = nodeVms(site, vms).filter(({ vm }) => vm.snapshots.length > 0);
  const unread = held.filter(({ vm }) => vm.hardware === undefined);
  if (unread.length > 0) {
    const names = listed(unread.map(({ vm }) => vm.name));
    return {
      state: "unknown",
      why: `The devices of ${names} cannot be read, so it is not known whether their snapshots hold volumes.`,
    };
  }
  return {
    state: "read",
    lines: held.filter(({ vm }) => hasVolumes(vm)).map(({ node, vm }) => heldBy(node, vm)),
  };
}

/** What follows from the snapshots of a node's VM that has volumes attached. */
export function heldBy(node: string, { snapshots }: Pick<Vm, "snapshots">): string {
  const names = listed(snapshots.map(({ name }) => name));
  const exist = snapshots.length === 1 ? `snapshot ${names} exists` : `snapshots ${names} exist`;
  return `volumes of node ${node} cannot be detached while ${exist}: fail-over of their pods waits`;
}

/** Nodes whose VMs have volumes attached, as far as vCenter can be read. */
export async function observeVolumeNodes(
  site: Site,
  vcenter: Access<VcenterClient>,
): Promise<readonly string[]> {
  const vms = await readFrom(vcenter, (client) => client.vms());
  return vms.state !== "read"
    ? []
    : nodeVms(site, vms.value)
        .filter(({ vm }) => hasVolumes(vm))
        .map(({ node }) => node);
}

function hasVolumes({ hardware }: Vm): boolean {
  return hardware !== undefined && volumeDisks(hardware).length > 0;
}

function nodeVms(
  site: Site,
  vms: readonly Vm[],
): readonly { readonly node: string; readonly vm: Vm }[] {
  return (site.virtualMachines?.nodes ?? []).flatMap(({ name, uuid }) =>
    vms.filter((vm) => vm.uuid === uuid.toLowerCase()).map((vm) => ({ node: name, vm })),
  );
}
