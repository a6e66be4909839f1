import { rmSync } from "node:fs";

import type { Engine } from "../../engine/engine";
import { pointFilePath, readPointFile, writePointFile } from "../../config/pointFile";
import { memberResourceName, restorePointUrn, vmSnapshotUrn } from "../../planning/names";
import type { VmMember } from "../../planning/pointRecord";
import type { PointFile } from "../../planning/site";
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

/** Drops a point's VM snapshots from the engine's state, and then its file; nothing live is touched. Repeatable. */
export async function forgetVmSnapshots(
  { root, name, site, stackFile }: PointStack,
  point: string,
  nodes: readonly string[],
  engine: () => Promise<Engine>,
): Promise<void> {
  const remove = [
    ...nodes.map((node) => vmSnapshotUrn(name, memberResourceName(point, node))),
    restorePointUrn(name, point),
  ];
  const nothing = {
    project: "atom-backup",
    stack: name,
    registrations: [],
    outputs: {},
    hooks: new Map(),
  };
  await (
    await engine()
  ).editState(stackFile.path, nothing, { remove, forgetPendingCreations: true });
  rmSync(pointFilePath(root, site.restorePointsDir, name, point), { force: true });
}
