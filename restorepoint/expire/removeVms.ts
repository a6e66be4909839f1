import type { ClusterClient } from "../../clients/kubernetes/client";
import { field } from "../../clients/kubernetes/object";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { Vm } from "../../clients/vcenter/vms";
import type { Progress } from "../../clients/reporter";
import { waitFor } from "../../clients/wait";
import type { VmRemoval } from "./planExpiry";

export interface VmRemovalPorts {
  readonly client: Pick<ClusterClient, "get">;
  readonly vcenter: Pick<VcenterClient, "vms" | "removeSnapshot">;
  /** Limit of one vCenter task, in minutes. */
  readonly apiTimeoutMinutes: number;
  readonly progress: Progress;
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
  ports: VmRemovalPorts,
): Promise<boolean> {
  const { vcenter, apiTimeoutMinutes, progress } = ports;
  const before = find(await vcenter.vms(), uuid, handle);
  if (before === undefined) {
    return false;
  }
  const wasReady = await isReady(ports, node);
  const removed = await vcenter.removeSnapshot(handle, {
    timeoutMs: apiTimeoutMinutes * 60_000,
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
    await waitUntilReady(ports, node, name);
  }
  return removed;
}

function find(vms: readonly Vm[], uuid: string, handle: string): Vm | undefined {
  return vms.find(
    (vm) =>
      vm.uuid === uuid.toLowerCase() && vm.snapshots.some(({ reference }) => reference === handle),
  );
}

async function waitUntilReady(ports: VmRemovalPorts, node: string, vm: string): Promise<void> {
  ports.progress.update({ text: `waiting until node ${node} is Ready again` });
  const ready = async (): Promise<true | undefined> => (await isReady(ports, node)) || undefined;
  if ((await waitFor(ready, { timeoutMs: READY_LIMIT_MS, pauseMs: 1000 })) === undefined) {
    throw new Error(
      `Node ${node} is not Ready ${READY_LIMIT_MS / 1000} s after the snapshot of ${vm} was removed: no further VM is touched. See what holds it, then run the command again.`,
    );
  }
}

/** A node that the cluster does not know, or that was not Ready before, is not waited for. */
async function isReady({ client }: VmRemovalPorts, node: string): Promise<boolean> {
  const live = await client.get({ apiVersion: "v1", kind: "Node", name: node });
  const conditions = ((live && field(live, "status", "conditions")) ?? []) as readonly {
    readonly type: string;
    readonly status: string;
  }[];
  return conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
