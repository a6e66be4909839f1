import type { ClusterClient } from "../../clients/kubernetes/client";
import { snapshotName } from "../../planning/names";
import { isLiving, vmMembers, volumeMembers } from "../../planning/pointMembers";
import type { RestorePointFile, Site } from "../../planning/site";
import type { Vm } from "../../clients/vcenter/vms";
import { contentOf, SNAPSHOT_API } from "../../drift/volumeObjects";

/** A restore point with what the live systems have of it. */
export interface PointReadBack {
  readonly name: string;
  readonly release: string;
  readonly state: string;
  readonly takenAt: string | undefined;
  readonly expires: string;
  /** VM snapshots; undefined where vCenter was not read, which is not the same as none. */
  readonly members: readonly MemberReadBack[] | undefined;
  /** How many recorded volumes are to be there, and the claims of those that are; undefined where it was not read. */
  readonly volumes: { readonly recorded: number; readonly there: readonly string[] | undefined };
  /** Nodes and claims whose snapshot was found missing: the point leads back for the others only, and counts as lost. */
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

/** The storage drivers' ids of all snapshots that the cluster knows. */
export async function readHandles(client: ClusterClient): Promise<ReadonlySet<string>> {
  const contents = await client.list(SNAPSHOT_API, "VolumeSnapshotContent");
  return new Set(contents.map((content) => contentOf(content).handle));
}

/**
 * Points by what their files record, and VM snapshots of a point that is being cut by name.
 *
 * @param machines undefined where vCenter could not be read
 * @param handles undefined where the cluster could not be read
 */
export function readPoints(
  { stack, restorePoints, virtualMachines }: Site,
  vms: readonly Vm[] | undefined,
  handles: ReadonlySet<string> | undefined,
): PointReadBack[] {
  return restorePoints.map((point) => {
    const { name, release, state, takenAt, expires, members } = point;
    const volumes = volumeMembers(point).filter(isLiving);
    return {
      name,
      release,
      state,
      takenAt,
      expires,
      members: vms === undefined ? undefined : vmsOf(stack, virtualMachines, point, vms),
      volumes: {
        recorded: volumes.length,
        there:
          handles === undefined
            ? undefined
            : volumes
                .filter(({ handle }) => handles.has(handle))
                .map(({ namespace, claim }) => `${namespace}/${claim}`),
      },
      lost: members.flatMap((member) =>
        member.lost === undefined
          ? []
          : [member.kind === "volume" ? `${member.namespace}/${member.claim}` : member.node],
      ),
    };
  });
}

function vmsOf(
  stack: string,
  virtualMachines: Site["virtualMachines"],
  point: RestorePointFile,
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
  point: RestorePointFile,
  node: string,
  snapshot: { readonly name: string; readonly reference: string },
): boolean {
  const member = vmMembers(point).find((candidate) => candidate.node === node);
  return member === undefined
    ? point.takenAt === undefined && snapshot.name === snapshotName(stack, point.name)
    : member.handle === snapshot.reference;
}
