import type { Registration } from "../engine/program/desiredState";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Machine } from "../clients/vcenter/machines";
import type { Progress } from "../clients/reporter";
import { snapshotInputs } from "./resources";

/** Finds the machine with a BIOS UUID. */
export type MachineFinder = (uuid: string) => Promise<Machine>;

/**
 * Reads the machines once, at the first question, however many snapshots are cut. That is under the lock of the
 * deployment, so what another run cut after the plan was made is seen.
 */
export function machineFinder(open: () => VcenterClient): MachineFinder {
  let read: Promise<Machine[]> | undefined;
  return async (uuid) => {
    read ??= open().machines();
    const machines = (await read).filter((machine) => machine.uuid === uuid);
    const [machine] = machines;
    if (machine === undefined || machines.length > 1) {
      throw new Error(`${machines.length} virtual machines have the UUID ${uuid}; one is needed.`);
    }
    return machine;
  };
}

export interface CutContext {
  readonly findMachine: MachineFinder;
  /** Limit of the task in minutes. */
  readonly apiTimeoutMinutes: number;
  readonly progress: Progress;
}

/**
 * Cuts a snapshot of the machine that has the declared BIOS UUID.
 *
 * @returns the snapshot's reference
 * @throws Error when there is no such machine, more than one, or it carries the snapshot already
 */
export async function cutSnapshot(
  client: VcenterClient,
  declared: Registration,
  { findMachine, apiTimeoutMinutes, progress }: CutContext,
): Promise<string> {
  const { virtualMachineUuid, snapshotName, ...options } = snapshotInputs(declared.inputs);
  const machine = await findMachine(virtualMachineUuid);
  const there = machine.snapshots.find(
    ({ name, description }) => name === snapshotName && description === options.description,
  );
  if (there !== undefined) {
    // The plan is older than this snapshot: another run was faster. Nothing is ever cut twice.
    throw new Error(`It was cut meanwhile by another run (${there.reference}).`);
  }
  return client.createSnapshot(
    machine.reference,
    { name: snapshotName, ...options },
    {
      timeoutMs: apiTimeoutMinutes * 60_000,
      onProgress: (percent) => progress.update({ text: `${machine.name}: ${percent} %` }),
    },
  );
}
