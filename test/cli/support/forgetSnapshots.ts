import type { PointLab } from "./pointLab";

export const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";
const GROUP_API = "groupsnapshot.storage.k8s.io/v1";

/** What a point is in the cluster. */
export const SNAPSHOT_KINDS = [
  [GROUP_API, "VolumeGroupSnapshot"],
  [GROUP_API, "VolumeGroupSnapshotContent"],
  [SNAPSHOT_API, "VolumeSnapshot"],
  [SNAPSHOT_API, "VolumeSnapshotContent"],
] as const;

/**
 * What the cluster knows of snapshots goes, as when etcd is put back to before them; the storage has them still.
 *
 * @param kept name of an object that stays
 */
export async function forgetSnapshots({ cluster }: PointLab, kept?: string): Promise<void> {
  for (let left = 1; left > 0;) {
    left = 0;
    for (const [apiVersion, kind] of SNAPSHOT_KINDS) {
      const all = await cluster.list(apiVersion, kind);
      for (const { name, namespace } of all.map(({ metadata }) => metadata)) {
        if (name !== kept) {
          const reference = { apiVersion, kind, name, namespace };
          await cluster.modify(reference, "test", (live) => ({
            ...live,
            metadata: { ...live.metadata, finalizers: [] },
          }));
          await cluster.delete(reference, undefined);
          left += 1;
        }
      }
    }
  }
}
