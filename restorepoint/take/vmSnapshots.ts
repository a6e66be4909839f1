import { rmSync } from "node:fs";

import type { Engine } from "../../engine/engine";
import { pointFilePath, readPointFile, writePointFile } from "../../config/pointFile";
import { memberResourceName, restorePointUrn, vmSnapshotUrn } from "../../planning/names";
import type { VmMember } from "../../planning/pointRecord";
import type { PointFile } from "../../planning/site";
import type { PointStack } from "../pointStack";
import { TakeError } from "./takeError";

/** The VM snapshots of one point: resources of the stack, declared by the point's file. */
export interface VmSnapshots {
  /** Deploys exactly these. @throws TakeError when one is not written down afterwards */
  take(): Promise<readonly VmMember[]>;
  /** Drops them from the engine's state, and the point's file; nothing live is touched. */
  forget(): Promise<void>;
}

export interface VmSnapshotsOptions {
  readonly stack: PointStack;
  readonly file: PointFile;
  /** Kubernetes node names. */
  readonly nodes: readonly string[];
  readonly engine: () => Promise<Engine>;
  readonly signal: AbortSignal;
}

/** For the program: this deployment is the one that takes the named point. */
const TAKING = "ATOM_TAKING";

export function openVmSnapshots({
  stack,
  file,
  nodes,
  engine,
  signal,
}: VmSnapshotsOptions): VmSnapshots {
  const { root, name, site, stackFile } = stack;
  const path = pointFilePath(root, site.restorePointsDir, name, file.name);
  const urns = [
    restorePointUrn(name, file.name),
    ...nodes.map((node) => vmSnapshotUrn(name, memberResourceName(file.name, node))),
  ];
  let declared = file;
  return {
    take: async () => {
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
    forget: async () => {
      await forgetVmSnapshots(stack, file.name, nodes, engine);
      // What an earlier run had written down of them is gone as well; taken anew they are others.
      declared = { ...file, vms: [] };
    },
  };
}

/** Drops a point's VM snapshots from the engine's state, and then its file; nothing live is touched. Repeatable. */
export async function forgetVmSnapshots(
  { root, name, site }: PointStack,
  point: string,
  nodes: readonly string[],
  engine: () => Promise<Engine>,
): Promise<void> {
  const remove = [
    ...nodes.map((node) => vmSnapshotUrn(name, memberResourceName(point, node))),
    restorePointUrn(name, point),
  ];
  const opened = await engine();
  await opened.editState([], { remove, forgetPendingCreations: true });
  rmSync(pointFilePath(root, site.restorePointsDir, name, point), { force: true });
}
