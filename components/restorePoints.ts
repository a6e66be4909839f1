import type * as pulumi from "@pulumi/pulumi";
import type * as vsphere from "@pulumi/vsphere";
import type { RestorePointPlan } from "../planning/plan";
import type { TakeRecorder } from "./takeHooks";
import { RestorePoint } from "./restorePoint";

/**
 * Declares the points of a site, each after those whose snapshots its own come after, and returns them by name, in the order
 * of the plan.
 *
 * @param recorderOf Where the cut of a point is written down.
 * @throws Error when points wait for each other, which no order of cuts can bring about.
 */
export function restorePoints(
  plans: readonly RestorePointPlan[],
  recorderOf: (point: RestorePointPlan) => TakeRecorder,
  opts: pulumi.ComponentResourceOptions,
): ReadonlyMap<string, RestorePoint> {
  const snapshots = new Map<string, vsphere.VirtualMachineSnapshot>();
  const declared = new Map<string, RestorePoint>();
  let waiting = [...plans];
  while (waiting.length > 0) {
    const ready = waiting.filter((plan) => isReady(plan, snapshots));
    if (ready.length === 0) {
      const names = waiting.map((plan) => plan.name).join(", ");
      throw new Error(
        `The restore points ${names} come after each other or after one that is missing`,
      );
    }
    for (const plan of ready) {
      const point = new RestorePoint(
        plan.name,
        { ...plan, snapshots, recorder: recorderOf(plan) },
        opts,
      );
      declared.set(plan.name, point);
      point.snapshots.forEach((snapshot, name) => snapshots.set(name, snapshot));
    }
    waiting = waiting.filter((plan) => !declared.has(plan.name));
  }
  return new Map(
    plans.flatMap(({ name }) => {
      const point = declared.get(name);
      return point === undefined ? [] : [[name, point] as const];
    }),
  );
}

function isReady(plan: RestorePointPlan, snapshots: ReadonlyMap<string, unknown>): boolean {
  const own = new Set(plan.virtualMachines.map((member) => member.resourceName));
  return plan.virtualMachines.every(
    ({ after }) => after === undefined || own.has(after) || snapshots.has(after),
  );
}
