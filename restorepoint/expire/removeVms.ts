import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Vm } from "../../clients/vcenter/vms";
import type { Progress } from "../../clients/reporter";
import { waitFor } from "../../clients/wait";
import { NODE } from "../../drift/node";
import { isReadyNode } from "../../planning/backends/answers";
import type { PointSystems } from "../pointStack";
import type { VmRemoval } from "./planExpiry";

interface VmSystems extends Pick<PointSystems, "stack" | "vcenter"> {
  readonly client: Pick<ClusterClient, "get">;
}

/** How long a node may take to be Ready again, in milliseconds. */
const READY_LIMIT_MS = 5 * 60_000;

/**
 * Removes one VM's snapshot by its recorded reference, and looks whether the VM and its node are as they were: merging
 * the disks holds a VM up, and the next one has to wait until this one is well.
 *
 * @returns false when it was gone already
 * @throws Error when the VM or its node is not as before; the snapshot is gone then
 */
export async function removeVmSnapshot(
  { node, uuid, vm: name, handle }: VmRemoval,
  { stack: { site }, client, vcenter: access }: VmSystems,
  progress: Progress,
): Promise<boolean> {
  if (access.state !== "open") {
    throw new Error("The point holds VM snapshots, and vCenter was not opened.");
  }
  const vcenter = access.client;
  const before = find(await vcenter.vms(), uuid, handle);
  if (before === undefined) {
    return false;
  }
  // A node that the cluster does not know, or that was not Ready before, is not waited for.
  const isReady = async (): Promise<true | undefined> => {
    const live = await client.get({ ...NODE, name: node });
    return (live !== undefined && isReadyNode(live)) || undefined;
  };
  const wasReady = await isReady();
  const removed = await vcenter.removeSnapshot(handle, {
    timeoutMs: (site.virtualMachines?.apiTimeoutMinutes ?? 60) * 60_000,
    onProgress: (percent) => progress.update({ text: `${name}: ${percent} %` }),
  });
  const vms = await vcenter.vms();
  if (find(vms, uuid, handle) !== undefined) {
    throw new Error(`vCenter says that it removed ${handle} of ${name}, and it is still there.`);
  }
  const after = vms.find(({ reference }) => reference === before.reference);
  if (after === undefined || after.powerState !== before.powerState) {
    throw new Error(
      `${name} was ${before.powerState} and is ${after?.powerState ?? "gone"} since its snapshot ${handle} was removed: see what happened, then run the command again.`,
    );
  }
  if (wasReady && before.powerState === "poweredOn") {
    progress.update({ text: `waiting until node ${node} is Ready again` });
    if ((await waitFor(isReady, { timeoutMs: READY_LIMIT_MS, pauseMs: 1000 })) === undefined) {
      throw new Error(
        `Node ${node} is not Ready ${READY_LIMIT_MS / 1000} s after the snapshot of ${name} was removed: no further VM is touched. See what holds it, then run the command again.`,
      );
    }
  }
  return removed;
}

function find(vms: readonly Vm[], uuid: string, handle: string): Vm | undefined {
  return vms.find(
    (vm) =>
      vm.uuid === uuid.toLowerCase() && vm.snapshots.some(({ reference }) => reference === handle),
  );
}
