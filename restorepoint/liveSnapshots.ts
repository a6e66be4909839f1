import type { ClusterClient } from "../clients/kubernetes/client";
import { field, fieldText, fullName, type ClusterObject } from "../clients/kubernetes/object";
import type { VcenterClient } from "../clients/vcenter/client";
import type { LiveVm } from "../drift/types";
import { readFrom, type Access, type Read } from "../clients/access";
import type { LiveContent, LiveVolumeSnapshot } from "../drift/volumeObjects";
import { contentOf, SNAPSHOT_API, volumeSnapshotOf } from "../drift/volumeObjects";
import { listGroups, listServed } from "./served";

/** What the cluster has of restore points, by one LIST for each kind. */
export interface ClusterSnapshots {
  readonly contents: readonly LiveContent[];
  /** By `namespace/name`. */
  readonly snapshots: ReadonlyMap<string, LiveVolumeSnapshot>;
  readonly groups: readonly ClusterObject[];
  readonly groupContents: readonly ClusterObject[];
  /** Claims whose volume is being made from a VolumeSnapshot at this moment. */
  readonly restoring: readonly RestoringClaim[];
}

export interface RestoringClaim {
  /** `namespace/name`. */
  readonly claim: string;
  /** `namespace/name` of the VolumeSnapshot. */
  readonly snapshot: string;
}

export interface LiveSnapshots {
  readonly cluster: Read<ClusterSnapshots>;
  readonly vcenter: Read<readonly LiveVm[]>;
}

/** What the live systems have of points: both are read at once; never throws for one that does not answer. */
export async function readLiveSnapshots(question: {
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}): Promise<LiveSnapshots> {
  const [cluster, vcenter] = await Promise.all([
    readFrom(question.cluster, readCluster),
    readFrom(question.vcenter, (client) => client.vms()),
  ]);
  return { cluster, vcenter };
}

export async function readCluster(client: ClusterClient): Promise<ClusterSnapshots> {
  const [contents, snapshots, claims, groups, groupContents] = await Promise.all([
    listServed(client, SNAPSHOT_API, "VolumeSnapshotContent"),
    listServed(client, SNAPSHOT_API, "VolumeSnapshot"),
    client.list("v1", "PersistentVolumeClaim"),
    listGroups(client, "VolumeGroupSnapshot"),
    listGroups(client, "VolumeGroupSnapshotContent"),
  ]);
  return {
    contents: contents.map(contentOf),
    snapshots: new Map(snapshots.map((one) => [fullName(one), volumeSnapshotOf(one)])),
    groups,
    groupContents,
    restoring: claims.flatMap(restoringClaim),
  };
}

interface SourceReference {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

/** A claim that is not bound yet and asks for a snapshot's content, by either of the two fields. */
function restoringClaim(object: ClusterObject): RestoringClaim[] {
  const source = (field(object, "spec", "dataSourceRef") ?? field(object, "spec", "dataSource")) as
    SourceReference | undefined;
  if (source?.kind !== "VolumeSnapshot" || fieldText(object, "status", "phase") === "Bound") {
    return [];
  }
  const { namespace = object.metadata.namespace ?? "", name = "" } = source;
  return [{ claim: fullName(object), snapshot: `${namespace}/${name}` }];
}
