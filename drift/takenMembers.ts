import type { DesiredState } from "../engine/program/desiredState";
import type { VmMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import { memberNameIn, pointOf } from "./points";
import { isSnapshot, snapshotInputs } from "./resources";
import type { DeployedState } from "./types";

/** A restore point whose virtual machines have all been cut, for its file. */
export interface TakePoint {
  readonly name: string;
  readonly members: readonly VmMember[];
}

/**
 * Points that were being cut and are complete by what is recorded, however it was deployed. Of VMs alone: a point with
 * volumes is complete when the command that made the product still has looked at the whole of it.
 */
export function takenPoints(
  desired: DesiredState,
  deployed: DeployedState,
  points: readonly RestorePointFile[],
): TakePoint[] {
  const handles = new Map(deployed.resources.map(({ urn, id }) => [urn, id]));
  return points
    .filter(
      ({ state, takenAt, volumes }) =>
        state === "taking" && takenAt === undefined && volumes.length === 0,
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
                node: memberNameIn(urn, point.name),
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

/** Points with volumes whose cut was interrupted: only the command that began it knows how to go on. */
export function interruptedTakes(points: readonly RestorePointFile[]): readonly RestorePointFile[] {
  return points.filter(
    ({ state, takenAt, volumes }) =>
      state === "taking" && takenAt === undefined && volumes.length > 0,
  );
}
