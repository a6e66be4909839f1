import type { ClusterSnapshots, LiveSnapshots } from "../../../restorepoint/liveSnapshots";
import { contentOf, volumeSnapshotOf } from "../../../drift/volumeObjects";
import { labels, ownerMark, POINT_LABEL, snapshotName } from "../../../planning/names";
import type { PointRecord, VmMember, VolumeMember } from "../../../planning/pointRecord";
import { seed } from "../catalog/support";
import type { Vm, VmSnapshot } from "../../../clients/vcenter/vms";
import { vmMember as anyVmMember, volumeMember as volume } from "../../support/points";

export { volume };

const STACK = "site-a";

export function vmMember(point: string, node: string, changed: Partial<VmMember> = {}): VmMember {
  return {
    kind: "virtualMachine",
    ...anyVmMember(node, `snapshot-${point}-${node}`, `uuid-${node}`, changed),
  };
}

export function point(name: string, changed: Partial<PointRecord> = {}): PointRecord {
  return {
    ...seed(name),
    stack: STACK,
    state: "ready",
    expires: "2026-11-22T00:00:00Z",
    takenAt: "2026-11-20T10:00:01Z",
    members: [volume(name, "data-0")],
    ...changed,
  };
}

export function liveSnapshot(member: VolumeMember, pointName: string, content = member.content) {
  return volumeSnapshotOf({
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshot",
    metadata: {
      name: member.snapshot,
      namespace: member.namespace,
      labels: { ...labels(STACK), [POINT_LABEL]: pointName },
    },
    spec: { source: { persistentVolumeClaimName: member.claim } },
    status: { readyToUse: true, boundVolumeSnapshotContentName: content },
  });
}

export function liveContent(
  member: VolumeMember,
  changed: { name?: string; snapshot?: string } = {},
) {
  return contentOf({
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshotContent",
    metadata: { name: changed.name ?? member.content },
    spec: {
      deletionPolicy: "Retain",
      volumeSnapshotRef: { namespace: member.namespace, name: changed.snapshot ?? member.snapshot },
    },
    status: { readyToUse: true, snapshotHandle: member.handle },
  });
}

/** The cluster as it is after the volumes of the points were taken. */
export function cluster(
  points: readonly PointRecord[],
  changed: Partial<ClusterSnapshots> = {},
): ClusterSnapshots {
  const taken = points.flatMap(({ name, members }) =>
    members.flatMap((member) => (member.kind === "volume" ? [{ name, member }] : [])),
  );
  return {
    contents: taken.map(({ member }) => liveContent(member)),
    snapshots: new Map(
      taken.map(({ name, member }) => [
        `${member.namespace}/${member.snapshot}`,
        liveSnapshot(member, name),
      ]),
    ),
    groups: [],
    groupContents: [],
    restoring: [],
    ...changed,
  };
}

export function vmSnapshot(
  pointName: string,
  node: string,
  parent: string | undefined,
  changed: Partial<VmSnapshot> = {},
): VmSnapshot {
  return {
    reference: `snapshot-${pointName}-${node}`,
    name: snapshotName(STACK, pointName),
    description: ownerMark({ stack: STACK, point: pointName, release: "24.1", node }),
    createdAt: "2026-11-20T10:00:01Z",
    parent,
    ...changed,
  };
}

export function vm(node: string, snapshots: readonly VmSnapshot[]): Vm {
  return {
    reference: `vm-${node}`,
    name: `atom-${node}`,
    uuid: `uuid-${node}`,
    powerState: "poweredOn",
    host: undefined,
    datastores: [],
    freeSpace: [],
    hardware: undefined,
    toolsRunning: undefined,
    consolidationNeeded: undefined,
    attributes: new Map(),
    snapshots,
  };
}

export function liveSnapshots(
  clusterLive: ClusterSnapshots,
  vms: readonly Vm[] = [],
): LiveSnapshots {
  return {
    cluster: { state: "read", value: clusterLive },
    vcenter: { state: "read", value: vms },
  };
}
