import type { DesiredState } from "../engine/program/desiredState";
import type { StackState } from "../engine/stackState";
import type { VmMember, RestorePointFile } from "../planning/site";
import { nodeIn, pointOf } from "./points";
import { isSnapshot, snapshotInputs } from "./resources";

/** A restore point of which all VM snapshots were taken, for its file. */
export interface TakePoint {
  readonly name: string;
  readonly members: readonly VmMember[];
}

/**
 * Points that were being taken and are complete by what is recorded. Of VMs alone: the command that takes volumes
 * completes a point that has any.
 */
export function takenPoints(
  desired: DesiredState,
  state: StackState,
  points: readonly RestorePointFile[],
): TakePoint[] {
  const handles = new Map(state.resources.map(({ urn, id }) => [urn, id]));
  return points
    .filter(
      (point) =>
        point.state === "taking" && point.takenAt === undefined && point.volumes.length === 0,
    )
    .flatMap((point) => {
      const declared = desired.registrations.filter(
        ({ type, urn }) => isSnapshot(type) && pointOf(urn, points) === point,
      );
      const members = declared.flatMap(({ urn, inputs }): VmMember[] => {
        const handle = handles.get(urn);
        return handle === undefined
          ? []
          : [
              {
                kind: "virtualMachine",
                node: nodeIn(urn, point.name),
                uuid: snapshotInputs(inputs).virtualMachineUuid,
                handle,
                lost: undefined,
                expiredAt: undefined,
              },
            ];
      });
      return members.length > 0 && members.length === declared.length
        ? [{ name: point.name, members }]
        : [];
    });
}

/** Points with volumes whose taking was interrupted: only the command that began it knows how to go on. */
export function interruptedTakes(points: readonly RestorePointFile[]): readonly RestorePointFile[] {
  return points.filter(
    ({ state, takenAt, volumes }) =>
      state === "taking" && takenAt === undefined && volumes.length > 0,
  );
}
