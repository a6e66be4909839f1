import { snapshotName } from "../../planning/names";
import { isTaken, takenAt } from "../../planning/restorePoints";
import type { PointFile, Site } from "../../planning/site";
import type { Vm } from "../../clients/vcenter/vms";

/** A restore point with VM snapshots, and what vCenter has of it. */
export interface PointReadBack {
  readonly name: string;
  readonly release: string;
  readonly state: string;
  readonly takenAt: string | undefined;
  /** Nodes whose VM snapshot is there; undefined where vCenter was not read, which is not the same as none. */
  readonly members: readonly string[] | undefined;
  /** Nodes whose snapshot was found missing: the point leads back for the others only, and counts as lost. */
  readonly lost: readonly string[];
}

/**
 * Points by what their files record, and VM snapshots of a point that is being taken by name.
 *
 * @param vms undefined where vCenter could not be read
 */
export function readPoints(
  { stack, restorePoints, virtualMachines }: Site,
  vms: readonly Vm[] | undefined,
): PointReadBack[] {
  return restorePoints.map((point) => {
    const { name, release, state } = point;
    return {
      name,
      release,
      state,
      takenAt: takenAt(point),
      members: vms === undefined ? undefined : vmsOf(stack, virtualMachines, point, vms),
      lost: point.vms.flatMap(({ node, lost }) => (lost === undefined ? [] : [node])),
    };
  });
}

function vmsOf(
  stack: string,
  virtualMachines: Site["virtualMachines"],
  point: PointFile,
  vms: readonly Vm[],
): string[] {
  return (virtualMachines?.nodes ?? []).flatMap((node) =>
    vms
      .filter(({ uuid }) => uuid === node.uuid.toLowerCase())
      .flatMap(({ snapshots }) => snapshots.filter((one) => belongs(stack, point, node.name, one)))
      .map(() => node.name),
  );
}

function belongs(
  stack: string,
  point: PointFile,
  node: string,
  snapshot: { readonly name: string; readonly reference: string },
): boolean {
  const member = point.vms.find((candidate) => candidate.node === node);
  return member === undefined
    ? !isTaken(point) && snapshot.name === snapshotName(stack, point.name)
    : member.handle === snapshot.reference;
}
