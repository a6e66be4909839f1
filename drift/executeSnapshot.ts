import type { Registration } from "../engine/program/desiredState";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Vm } from "../clients/vcenter/vms";
import type { Progress } from "../clients/reporter";
import { snapshotInputs } from "./resources";

/** Finds the machine with a BIOS UUID. */
export type VmFinder = (uuid: string) => Promise<Vm>;

/**
 * Reads the machines once, at the first question, however many snapshots are cut. That is under the lock of the
 * deployment, so what another run cut after the plan was made is seen.
 */
export function vmFinder(open: () => VcenterClient): VmFinder {
  let read: Promise<Vm[]> | undefined;
  return async (uuid) => {
    read ??= open().vms();
    const vms = (await read).filter((vm) => vm.uuid === uuid);
    const [vm] = vms;
    if (vm === undefined || vms.length > 1) {
      throw new Error(`${vms.length} virtual machines have the UUID ${uuid}; one is needed.`);
    }
    return vm;
  };
}

export interface TakeContext {
  readonly findVm: VmFinder;
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
export async function takenSnapshot(
  client: VcenterClient,
  declared: Registration,
  { findVm, apiTimeoutMinutes, progress }: TakeContext,
): Promise<string> {
  const { virtualMachineUuid, snapshotName, ...options } = snapshotInputs(declared.inputs);
  const vm = await findVm(virtualMachineUuid);
  const there = vm.snapshots.find(
    ({ name, description }) => name === snapshotName && description === options.description,
  );
  if (there !== undefined) {
    // The plan is older than this snapshot: another run was faster. Nothing is ever cut twice.
    throw new Error(`It was cut meanwhile by another run (${there.reference}).`);
  }
  return client.createSnapshot(
    vm.reference,
    { name: snapshotName, ...options },
    {
      timeoutMs: apiTimeoutMinutes * 60_000,
      onProgress: (percent) => progress.update({ text: `${vm.name}: ${percent} %` }),
    },
  );
}
