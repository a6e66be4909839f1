import { listed } from "../../planning/words";
import { isIndependent, type Disk } from "../../clients/vcenter/hardware";
import type { Machine } from "../../clients/vcenter/machines";
import type { DueCut } from "./dueCuts";
import type { Finding } from "./finding";

/**
 * Share of a disk that a delta is expected to grow to while the snapshot is kept. A delta can grow to the whole disk; a
 * node rewrites far less than a fifth of its disks in the 72 hours that a snapshot is kept at most.
 */
const DELTA_SHARE = 0.2;

export interface MachineToCut {
  readonly machine: Machine;
  /** At least one. */
  readonly due: readonly DueCut[];
}

interface Need {
  readonly machine: Machine;
  readonly datastore: string;
  readonly bytes: number;
}

/**
 * Whether the datastores have room for all deltas of the cut together: a full datastore halts every VM on it. Expected are
 * 20 % of each disk that is in the snapshot, and the memory where it is kept.
 */
export function checkSpace(machines: readonly MachineToCut[]): Finding[] {
  const needs = machines.flatMap(needsOf);
  const free = new Map(
    machines.flatMap(({ machine }) =>
      machine.freeSpace.map(({ datastore, freeBytes }) => [datastore, freeBytes] as const),
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
  const names = listed([...new Set(needs.map(({ machine }) => machine.name))]);
  const common = { check: "vm-datastore-space", object: `datastore ${datastore}` };
  if (free === undefined) {
    return [
      {
        ...common,
        severity: "cannotTell",
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

function needsOf({ machine, due }: MachineToCut): readonly Need[] {
  const { hardware } = machine;
  if (hardware === undefined) {
    return [];
  }
  const disks = hardware.disks.filter(isCut).map(({ datastore, bytes }) => ({
    machine,
    datastore,
    bytes: bytes * DELTA_SHARE * due.length,
  }));
  const kept = due.filter(({ memory }) => memory).length;
  return kept === 0
    ? disks
    : [
        ...disks,
        { machine, datastore: hardware.home, bytes: hardware.memoryMb * 1_048_576 * kept },
      ];
}

function isCut(disk: Disk): boolean {
  return !isIndependent(disk) && disk.raw !== "physicalMode";
}

function gib(bytes: number): string {
  return (bytes / 1_073_741_824).toFixed(1);
}
