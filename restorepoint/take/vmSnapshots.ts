import { rmSync } from "node:fs";

import type { VcenterClient } from "../../clients/vcenter/client";
import type { Vm } from "../../clients/vcenter/vms";
import type { Engine } from "../../engine/engine";
import { markVm, pointFilePath, readPointFile, writePointFile } from "../../config/pointFile";
import { memberResourceName, restorePointUrn, vmSnapshotUrn } from "../../planning/names";
import type { VmMember, VmRecord } from "../../planning/pointRecord";
import type { PointFile, Site } from "../../planning/site";
import type { Journal } from "../catalog/journal";
import type { PointStack } from "../pointStack";
import { TakeError } from "./takeError";

/** For the program: this deployment is the one that takes the named point. */
const TAKING = "ATOM_TAKING";

export type VmSnapshots = ReturnType<typeof openVmSnapshots>;

/**
 * The VM snapshots of one point: resources of the stack, declared by the point's file.
 *
 * @param nodes Kubernetes node names
 */
export function openVmSnapshots(
  file: PointFile,
  nodes: readonly string[],
  stack: PointStack,
  engine: () => Promise<Engine>,
  signal: AbortSignal,
) {
  const { root, name, site, stackFile } = stack;
  const path = pointFilePath(root, site.restorePointsDir, name, file.name);
  const urns = [
    restorePointUrn(name, file.name),
    ...nodes.map((node) => vmSnapshotUrn(name, memberResourceName(file.name, node))),
  ];
  let declared = file;
  return {
    /** Deploys exactly these. @throws TakeError when one is not written down afterwards */
    take: async (): Promise<readonly VmMember[]> => {
      writePointFile(path, declared);
      process.env[TAKING] = file.name;
      try {
        await (await engine()).up({ file: stackFile.path, targets: urns, stop: signal });
      } finally {
        delete process.env[TAKING];
      }
      const members = readPointFile(path).vms.map((vm) => ({
        kind: "virtualMachine" as const,
        ...vm,
      }));
      const missing = nodes.filter((node) => !members.some((member) => member.node === node));
      if (missing.length > 0) {
        throw new TakeError(
          `Not written down after they were taken: the VMs of ${missing.join(", ")}.`,
        );
      }
      return members;
    },
    /** Drops them from the engine's state, and the point's file; nothing live is touched. */
    forget: async (): Promise<void> => {
      await forgetVmSnapshots(stack, file.name, nodes, engine);
      // What an earlier run had written down of them is gone as well; taken anew they are others.
      declared = { ...file, vms: [] };
    },
  };
}

/**
 * Drops VM snapshots of a point from the engine's state, and then its file; nothing live is touched. Repeatable.
 *
 * @param others whether the point has others that stay: then the file stays with them, and these are marked ended in it
 */
export async function forgetVmSnapshots(
  { root, name, site }: PointStack,
  point: string,
  nodes: readonly string[],
  engine: () => Promise<Engine>,
  others = false,
): Promise<void> {
  const remove = [
    ...nodes.map((node) => vmSnapshotUrn(name, memberResourceName(point, node))),
    ...(others ? [] : [restorePointUrn(name, point)]),
  ];
  const opened = await engine();
  await opened.editState([], { remove, forgetPendingCreations: true });
  const path = pointFilePath(root, site.restorePointsDir, name, point);
  if (others) {
    const at = new Date().toISOString();
    nodes.forEach((node) => markVm(path, node, "expiredAt", at));
  } else {
    rmSync(path, { force: true });
  }
}

/** What a node's VM is made of, to be compared after a revert. Nothing of it where vCenter does not show its devices. */
export function vmInventory(node: string, vm: Vm, at: string): VmRecord {
  const { uuid, reference, name, powerState, host, hardware } = vm;
  return {
    node,
    uuid,
    reference,
    name,
    at,
    powerState,
    host,
    memoryMb: hardware?.memoryMb,
    // Each snapshot and each revert moves a disk to another delta file, `-000001.vmdk` and so on, of the same base.
    disks: (hardware?.disks ?? []).map(({ file, ...disk }) => ({
      ...disk,
      file: file.replace(/-\d{6}\.vmdk$/, ".vmdk"),
    })),
    nics: hardware?.nics ?? [],
  };
}

/** Writes down, before the point is taken, the VMs of the nodes that a point is to hold. */
export async function recordVms(
  nodes: readonly string[],
  site: Site,
  vcenter: VcenterClient,
  journal: Journal,
): Promise<void> {
  const live = new Map((await vcenter.vms()).map((vm) => [vm.uuid, vm]));
  const at = new Date().toISOString();
  const vms = (site.virtualMachines?.nodes ?? [])
    .filter(({ name }) => nodes.includes(name))
    .flatMap(({ name, uuid }) => {
      const vm = live.get(uuid.toLowerCase());
      return vm === undefined ? [] : [vmInventory(name, vm, at)];
    });
  await journal.note("vms", { count: vms.length }, (record) => ({ ...record, vms }));
}
