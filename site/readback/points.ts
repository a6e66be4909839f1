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
  readonly expires: string;
  /** VM snapshots; undefined where vCenter was not read, which is not the same as none. */
  readonly members: readonly MemberReadBack[] | undefined;
  /** Nodes whose snapshot was found missing: the point leads back for the others only, and counts as lost. */
  readonly lost: readonly string[];
}

export interface MemberReadBack {
  /** Kubernetes node name. */
  readonly node: string;
  readonly vm: string;
  readonly snapshot: string;
  readonly reference: string;
  /** RFC 3339. */
  readonly createdAt: string;
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
    const { name, release, state, expires } = point;
    return {
      name,
      release,
      state,
      takenAt: takenAt(point),
      expires,
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
): MemberReadBack[] {
  return (virtualMachines?.nodes ?? []).flatMap((node) =>
    vms
      .filter(({ uuid }) => uuid === node.uuid.toLowerCase())
      .flatMap((vm) =>
        vm.snapshots
          .filter((snapshot) => belongs(stack, point, node.name, snapshot))
          .map((snapshot) => ({
            node: node.name,
            vm: vm.name,
            snapshot: snapshot.name,
            reference: snapshot.reference,
            createdAt: snapshot.createdAt,
          })),
      ),
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
