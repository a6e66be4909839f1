import type { Site } from "../planning/site";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Disk } from "../clients/vcenter/hardware";
import type { Vm } from "../clients/vcenter/vms";
import type { Journal } from "./catalog/journal";
import type { DiskRecord, NicRecord, VmRecord } from "../planning/pointRecord";

/** What a node's machine is made of, to be compared after a revert. Nothing of it where vCenter does not show its devices. */
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
    disks: hardware?.disks.map(diskRecord) ?? [],
    nics: hardware?.nics ?? [],
  };
}

function diskRecord({ key, label, bytes, datastore, file, mode, raw, volume }: Disk): DiskRecord {
  return {
    key,
    label,
    bytes,
    datastore,
    file: baseFile(file),
    mode,
    ...(raw === undefined ? {} : { raw }),
    ...(volume === undefined ? {} : { volume }),
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

/**
 * How a machine differs from what it was, one sentence each; empty where it is the same. Host and power state are no
 * difference: a machine moves while it runs, and a revert without memory leaves it off.
 */
export function compareInventory(before: VmRecord, after: VmRecord): readonly string[] {
  const { name } = before;
  if (before.memoryMb === undefined || after.memoryMb === undefined) {
    const when = before.memoryMb === undefined ? "when it was taken" : "now";
    return [
      `${name}: its devices could not be read ${when}, so it cannot be told whether they are the same.`,
    ];
  }
  return [
    ...changed(`${name}: its memory`, `${before.memoryMb} MiB`, `${after.memoryMb} MiB`),
    ...pairs(before.disks, after.disks, ({ key }) => key).flatMap(([was, is]) =>
      compareDisk(name, was, is),
    ),
    ...pairs(before.nics, after.nics, ({ label }) => label).flatMap(([was, is]) =>
      compareNic(name, was, is),
    ),
  ];
}

function compareDisk(
  vm: string,
  was: DiskRecord | undefined,
  is: DiskRecord | undefined,
): readonly string[] {
  if (was === undefined || is === undefined) {
    return comesAndGoes(`${vm}:`, was, is, diskWords);
  }
  const subject = `${vm}: ${was.label}`;
  return [
    ...changed(`${subject}, its size,`, `${was.bytes} bytes`, `${is.bytes} bytes`),
    ...changed(`${subject}, its file,`, fileOf(was), fileOf(is)),
    ...changed(`${subject}, its mode,`, was.mode, is.mode),
  ];
}

function compareNic(
  vm: string,
  was: NicRecord | undefined,
  is: NicRecord | undefined,
): readonly string[] {
  if (was === undefined || is === undefined) {
    return comesAndGoes(`${vm}:`, was, is, ({ label, mac }) => `${label} (${mac})`);
  }
  const subject = `${vm}: ${was.label}`;
  return [
    ...changed(`${subject}, its address,`, was.mac, is.mac),
    ...changed(`${subject}, its network,`, was.network, is.network),
  ];
}

function diskWords(disk: DiskRecord): string {
  const volume = disk.volume === undefined ? "" : `, volume ${disk.volume}`;
  return `${disk.label} (${fileOf(disk)}${volume})`;
}

function fileOf({ datastore, file }: DiskRecord): string {
  return `[${datastore}] ${file}`;
}

function comesAndGoes<T>(
  subject: string,
  was: T | undefined,
  is: T | undefined,
  words: (one: T) => string,
): readonly string[] {
  return [
    ...(was === undefined ? [] : [`${subject} ${words(was)} is gone.`]),
    ...(is === undefined ? [] : [`${subject} ${words(is)} was not there when it was taken.`]),
  ];
}

function changed(subject: string, was: string, is: string): readonly string[] {
  return was === is ? [] : [`${subject} was ${was} and is ${is}.`];
}

/** What both have, in the order of the first, then what only the second has. */
function pairs<T, K>(
  before: readonly T[],
  after: readonly T[],
  key: (one: T) => K,
): readonly (readonly [T | undefined, T | undefined])[] {
  const now = new Map(after.map((one) => [key(one), one]));
  const known = new Set(before.map(key));
  return [
    ...before.map((one) => [one, now.get(key(one))] as const),
    ...after.filter((one) => !known.has(key(one))).map((one) => [undefined, one] as const),
  ];
}
