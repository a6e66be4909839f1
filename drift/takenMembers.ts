import type { DesiredState } from "../engine/program/desiredState";
import type { StackState } from "../engine/stackState";
import type { PointFile, TakenVmSnapshot } from "../planning/site";
import { nodeIn, pointOf } from "./points";
import { isSnapshot, snapshotInputs } from "./resources";

/** A restore point of which all VM snapshots were taken, for its file. */
export interface TakenPoint {
  readonly name: string;
  readonly vms: readonly Pick<TakenVmSnapshot, "node" | "uuid" | "handle">[];
}

/**
 * Points that were being taken and are complete by what is recorded. Of VMs alone: the command that takes volumes
 * completes a point that has any.
 */
export function takenPoints(
  desired: DesiredState,
  state: StackState,
  points: readonly PointFile[],
): TakenPoint[] {
  const handles = new Map(state.resources.map(({ urn, id }) => [urn, id]));
  return points
    .filter((point) => point.state === "taking" && !point.volumes)
    .flatMap((point) => {
      const declared = desired.registrations.filter(
        ({ type, urn }) => isSnapshot(type) && pointOf(urn, points) === point,
      );
      const vms = declared.flatMap(({ urn, inputs }) => {
        const handle = handles.get(urn);
        const uuid = snapshotInputs(inputs).virtualMachineUuid;
        return handle === undefined ? [] : [{ node: nodeIn(urn, point.name), uuid, handle }];
      });
      return vms.length > 0 && vms.length === declared.length ? [{ name: point.name, vms }] : [];
    });
}

/** Points with volumes whose taking was interrupted: only the command that began it knows how to go on. */
export function interruptedTakes(points: readonly PointFile[]): readonly PointFile[] {
  return points.filter(({ state, volumes }) => state === "taking" && volumes);
}
