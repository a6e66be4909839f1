import type * as pulumi from "@pulumi/pulumi";
import type * as vsphere from "@pulumi/vsphere";
import type { RestorePointPlan } from "../planning/plan";
import type { TakeRecorder } from "./takeHooks";
import { RestorePoint } from "./restorePoint";

/**
 * Declares the points of a site and returns them by name, in the order of the plan.
 *
 * @param plans In the order in which they were taken: a VM's snapshots come after each other.
 * @param recorderOf Where the taken VM snapshots of a point are written down.
 */
export function restorePoints(
  plans: readonly RestorePointPlan[],
  recorderOf: (point: RestorePointPlan) => TakeRecorder,
  opts: pulumi.ComponentResourceOptions,
): ReadonlyMap<string, RestorePoint> {
  const snapshots = new Map<string, vsphere.VirtualMachineSnapshot>();
  return new Map(
    plans.map((plan) => {
      const args = { ...plan, snapshots, recorder: recorderOf(plan) };
      const point = new RestorePoint(plan.name, args, opts);
      point.snapshots.forEach((snapshot, name) => snapshots.set(name, snapshot));
      return [plan.name, point];
    }),
  );
}
