import { listed } from "../../planning/words";
import { isIndependent, type Disk } from "../../clients/vcenter/hardware";
import type { Vm } from "../../clients/vcenter/vms";
import type { DueTake } from "./dueTakes";
import type { Finding } from "./finding";

/**
 * Share of a disk that a delta is expected to grow to while the snapshot is kept. A delta can grow to the whole disk; a
 * node rewrites far less than a fifth of its disks in the 72 hours that a snapshot is kept at most.
 */
const DELTA_SHARE = 0.2;

export interface VmToTake {
  readonly vm: Vm;
  /** At least one. */
  readonly due: readonly DueTake[];
}

interface Need {
  readonly vm: Vm;
  readonly datastore: string;
  readonly bytes: number;
}

/**
 * Whether the datastores have room for all deltas of the cut together: a full datastore halts every VM on it. Expected are
 * 20 % of each disk that is in the snapshot, and the memory where it is kept.
 */
export function checkSpace(vms: readonly VmToTake[]): Finding[] {
  const needs = vms.flatMap(needsOf);
  const free = new Map(
    vms.flatMap(({ vm }) =>
      vm.freeSpace.map(({ datastore, freeBytes }) => [datastore, freeBytes] as const),
    ),
  );
  return [...new Set(needs.map(({ datastore }) => datastore))].flatMap((datastore) =>
    checkDatastore(
      datastore,
      needs.filter((need) => need.datastore === datastore),
      free.get(datastore),
    ),
  );
}

function checkDatastore(
  datastore: string,
  needs: readonly Need[],
  free: number | undefined,
): Finding[] {
  const bytes = needs.reduce((sum, need) => sum + need.bytes, 0);
  const names = listed([...new Set(needs.map(({ vm }) => vm.name))]);
  const common = { check: "vm-datastore-space", object: `datastore ${datastore}` };
  if (free === undefined) {
    return [
      {
        ...common,
        severity: "unknown",
        message: `The free space of datastore ${datastore} cannot be read, which the snapshots of ${names} grow on.`,
        remedy: "Give the vCenter user the privilege System.Read on the datastore.",
      },
    ];
  }
  return free >= bytes
    ? []
    : [
        {
          ...common,
          severity: "error",
          message:
            `Datastore ${datastore} has ${gib(free)} GiB left, and the snapshots of ${names} are expected to take ` +
            `${gib(bytes)} GiB (20 % of their disks, and memory where it is kept).`,
          remedy:
            "Make room on the datastore, or move VMs off it; a full datastore halts every VM on it.",
        },
      ];
}

function needsOf({ vm, due }: VmToTake): readonly Need[] {
  const { hardware } = vm;
  if (hardware === undefined) {
    return [];
  }
  const disks = hardware.disks.filter(isTaken).map(({ datastore, bytes }) => ({
    vm,
    datastore,
    bytes: bytes * DELTA_SHARE * due.length,
  }));
  const kept = due.filter(({ memory }) => memory).length;
  return kept === 0
    ? disks
    : [...disks, { vm, datastore: hardware.home, bytes: hardware.memoryMb * 1_048_576 * kept }];
}

function isTaken(disk: Disk): boolean {
  return !isIndependent(disk) && disk.raw !== "physicalMode";
}

function gib(bytes: number): string {
  return (bytes / 1_073_741_824).toFixed(1);
}
