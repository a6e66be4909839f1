import { deepStrictEqual } from "node:assert/strict";

import type { LabSystems } from "../support/labSystems";
import { killedNodes, killedStates } from "./deployOnce";
import { point } from "./fixtures";

export const killedObjects = [
  { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: "atom-replicated" },
  { apiVersion: "snapshot.storage.k8s.io/v1", kind: "VolumeSnapshotClass", name: "atom-snapshots" },
];

/** Deploys again after a kill: all is there once, nothing more, and nothing is left to do. */
export async function recover(lab: LabSystems, which: "first" | "second"): Promise<void> {
  const desired = killedStates[which];
  await lab.deploy(desired, [point()]);
  const steps = await lab.plan(desired, [point()]);
  deepStrictEqual(
    steps.map(({ kind }) => kind),
    desired.registrations.map(() => "same"),
  );
  deepStrictEqual(
    (await lab.vcenter.vms())
      .filter(({ snapshots }) => snapshots.length > 0)
      .map(({ name, snapshots }) => [name, snapshots.length]),
    killedNodes.map((node) => [node, 1]),
  );
  const [reference] = killedObjects;
  const live = reference === undefined ? undefined : await lab.cluster.get(reference);
  deepStrictEqual(live?.["parameters"], desired.registrations[0]?.inputs["parameters"]);
}
