import { listed } from "../../planning/words";
import { isIndependent } from "../../clients/vcenter/hardware";
import type { Vm } from "../../clients/vcenter/vms";
import { findings, type Finding, type Told } from "./finding";
import type { TakeQuestion } from "./vmTake";

/**
 * Share of a disk that a delta is expected to grow to while the snapshot is kept. A delta can grow to the whole disk; a
 * node rewrites far less than a fifth of its disks in the 72 hours that a snapshot is kept at most.
 */
const DELTA_SHARE = 0.2;

interface Need {
  readonly vm: Vm;
  readonly datastore: string;
  readonly bytes: number;
}

/**
 * Whether the datastores have room for all deltas of the snapshots together: a full datastore halts every VM on it. Expected are
 * 20 % of each disk that is in the snapshot, and the memory where it is kept.
 */
export function checkSpace(vms: readonly Pick<TakeQuestion, "vm" | "due">[]): Finding[] {
  const needs = vms.flatMap(needsOf);
  const free = new Map(
    vms.flatMap(({ vm }) =>
      vm.freeSpace.map(({ datastore, freeBytes }) => [datastore, freeBytes] as const),
    ),
  );
  return [...new Set(needs.map(({ datastore }) => datastore))].flatMap((datastore) => {
    const here = needs.filter((need) => need.datastore === datastore);
    const told = judge(datastore, here, free.get(datastore));
    return findings("vm-datastore-space", `datastore ${datastore}`, told);
  });
}

function judge(
  datastore: string,
  needs: readonly Need[],
  free: number | undefined,
): Told | undefined {
  const bytes = needs.reduce((sum, need) => sum + need.bytes, 0);
  const names = listed([...new Set(needs.map(({ vm }) => vm.name))]);
  if (free === undefined) {
    return [
      "unknown",
      `The free space of datastore ${datastore} cannot be read, which the snapshots of ${names} grow on.`,
      "Give the vCenter user the privilege System.Read on the datastore.",
    ];
  }
  return free >= bytes
    ? undefined
    : [
        "error",
        `Datastore ${datastore} has ${gib(free)} GiB left, and the snapshots of ${names} are expected to take ` +
          `${gib(bytes)} GiB (20 % of their disks, and memory where it is kept).`,
        "Make room on the datastore, or move VMs off it; a full datastore halts every VM on it.",
      ];
}

function needsOf({ vm, due }: Pick<TakeQuestion, "vm" | "due">): readonly Need[] {
  const { hardware } = vm;
  if (hardware === undefined) {
    return [];
  }
  const disks = hardware.disks
    .filter((disk) => !isIndependent(disk) && disk.raw !== "physicalMode")
    .map(({ datastore, bytes }) => ({ vm, datastore, bytes: bytes * DELTA_SHARE * due.length }));
  const kept = due.filter(({ memory }) => memory).length;
  return kept === 0
    ? disks
    : [...disks, { vm, datastore: hardware.home, bytes: hardware.memoryMb * 1_048_576 * kept }];
}

function gib(bytes: number): string {
  return (bytes / 1_073_741_824).toFixed(1);
}
