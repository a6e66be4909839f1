import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Vm } from "../../clients/vcenter/vms";
import type { Progress } from "../../clients/reporter";
import { waitFor } from "../../clients/wait";
import { NODE } from "../../drift/node";
import { observeReplicas } from "../../drift/replicas/observeReplicas";
import { planSite } from "../../planning";
import { isReadyNode } from "../../planning/backends/answers";
import { listed } from "../../planning/words";
import { taskLimit, type PointSystems } from "../pointStack";
import type { VmRemoval } from "./planExpiry";

interface VmSystems extends Pick<PointSystems, "stack" | "vcenter" | "reporter"> {
  readonly client: ClusterClient;
}

/** How long cluster and storage may take to be as well as before, in milliseconds. */
const WELL_LIMIT_MS = 5 * 60_000;

/** One VM's snapshot is not removed; nothing stands against trying the next VM. */
export class VmRemovalError extends Error {}

/** @returns what is worse than it was at first, in sentences */
export type Health = () => Promise<readonly string[]>;

/**
 * Looks at etcd, nodes and copies of volumes before VM snapshots are removed: merging disks holds a VM up, and no second
 * one may be held up while others have to do without the first.
 *
 * @throws Error while a copy of a volume is not up to date: its other copies may be on the very VMs
 */
export async function watchHealth(systems: VmSystems): Promise<Health> {
  const { client, stack, reporter } = systems;
  let isSeen = true;
  const look = async (): Promise<ReadonlyMap<string, string>> => {
    // A LIST that asks for no version is answered by a quorum of etcd.
    const nodes = await client.list(NODE.apiVersion, NODE.kind);
    const replicas = await observeReplicas(planSite(stack.site), { state: "open", client });
    const volumes = replicas.state === "observed" ? replicas.volumes : [];
    if (replicas.state !== "observed" && isSeen) {
      isSeen = false;
      reporter.warn(`Copies of volumes are not looked at between two VMs: ${replicas.why}`);
    }
    return new Map([
      ...nodes
        .filter((node) => !isReadyNode(node))
        .map(({ metadata: { name } }) => [`node ${name}`, `node ${name} is not Ready`] as const),
      ...volumes.flatMap(({ volume, problems }) =>
        problems.map(
          ({ kind, message }) => [`${kind} ${volume}`, `${volume}: ${message}`] as const,
        ),
      ),
    ]);
  };
  const first = await look();
  const behind = [...first].filter(([key]) => /^(not-up-to-date|trouble) /.test(key));
  if (behind.length > 0) {
    throw new Error(
      `No VM snapshot is removed while copies of volumes are not well: ${listed(behind.map(([, text]) => text))}`,
    );
  }
  return async () => [...(await look())].flatMap(([key, text]) => (first.has(key) ? [] : [text]));
}

/**
 * Removes one VM's snapshot by its recorded reference, and looks whether the VM, its node and the copies of volumes are as
 * they were: the next VM has to wait until this one is well.
 *
 * @returns false when it was gone already
 * @throws VmRemovalError when vCenter does not remove it; Error when something is not as before, or vCenter does not answer
 */
export async function removeVmSnapshot(
  { uuid, vm: name, handle }: VmRemoval,
  { stack: { site }, vcenter: access }: VmSystems,
  health: Health,
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
  const child = before.snapshots.find(({ parent }) => parent === handle);
  if (child !== undefined) {
    throw new VmRemovalError(
      `${child.name} (${child.reference}) of ${name} hangs below ${handle}: it waits until that is gone.`,
    );
  }
  const removed = await vcenter
    .removeSnapshot(handle, {
      ...taskLimit(site),
      onProgress: (percent) => progress.update({ text: `${name}: ${percent} %` }),
    })
    .catch(async (error: unknown) => {
      // A vCenter that does not answer any more is no matter of this VM.
      await vcenter.vms();
      throw new VmRemovalError((error as Error).message);
    });
  const vms = await vcenter.vms();
  if (find(vms, uuid, handle) !== undefined) {
    throw new VmRemovalError(
      `vCenter says that it removed ${handle} of ${name}, and it is still there.`,
    );
  }
  const after = vms.find(({ reference }) => reference === before.reference);
  if (after === undefined || after.powerState !== before.powerState) {
    throw new Error(
      `${name} was ${before.powerState} and is ${after?.powerState ?? "gone"} since its snapshot ${handle} was removed: see what happened, then run the command again.`,
    );
  }
  let worse: readonly string[] = [];
  const isWell = async (): Promise<true | undefined> => {
    worse = await health();
    progress.update({ text: worse[0] ?? "" });
    return worse.length === 0 || undefined;
  };
  if ((await waitFor(isWell, { timeoutMs: WELL_LIMIT_MS, pauseMs: 1000 })) === undefined) {
    throw new Error(
      `${WELL_LIMIT_MS / 1000} s after the snapshot of ${name} was removed, ${listed(worse)}: no further VM is touched. See what holds it, then run the command again.`,
    );
  }
  return removed;
}

function find(vms: readonly Vm[], uuid: string, handle: string): Vm | undefined {
  return vms.find(
    (vm) =>
      vm.uuid === uuid.toLowerCase() && vm.snapshots.some(({ reference }) => reference === handle),
  );
}
