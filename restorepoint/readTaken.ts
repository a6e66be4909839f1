import type { ClusterClient } from "../clients/kubernetes/client";
import type { ClusterObject } from "../clients/kubernetes/object";
import type { VolumeMember } from "../planning/site";

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** A VolumeSnapshot that is ready, of the claim it was cut from. */
export interface TakenVolume {
  readonly namespace: string;
  readonly claim: string;
  /** UID of the claim. */
  readonly uid: string;
  /** Name of the VolumeSnapshot. */
  readonly snapshot: string;
}

/** A VolumeGroupSnapshot that is ready. */
export interface TakenGroup {
  readonly namespace: string;
  readonly name: string;
}

interface SnapshotStatus {
  readonly boundVolumeSnapshotContentName?: string;
  readonly volumeGroupSnapshotName?: string;
}

interface ContentStatus {
  readonly snapshotHandle?: string;
  /** Nanoseconds since 1970. */
  readonly creationTime?: number;
  readonly restoreSize?: number;
}

/**
 * What lasts of a volume's snapshot, from its content.
 *
 * @throws Error when there is no content, or one without the driver's handle
 */
export async function readTakenVolume(
  client: ClusterClient,
  taken: TakenVolume,
): Promise<VolumeMember> {
  const { namespace, snapshot } = taken;
  const live = await client.get({
    apiVersion: SNAPSHOT_API,
    kind: "VolumeSnapshot",
    namespace,
    name: snapshot,
  });
  const name = statusOf<SnapshotStatus>(live).boundVolumeSnapshotContentName;
  const content =
    name === undefined
      ? undefined
      : await client.get({ apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent", name });
  return volumeMember(taken, content, undefined);
}

/** The member that a ready content stands for. */
export function volumeMember(
  { namespace, claim, uid, snapshot }: TakenVolume,
  content: ClusterObject | undefined,
  group: string | undefined,
): VolumeMember {
  const { snapshotHandle, creationTime, restoreSize } = statusOf<ContentStatus>(content);
  if (content === undefined || snapshotHandle === undefined || creationTime === undefined) {
    throw new Error(
      `VolumeSnapshot ${namespace}/${snapshot} of claim ${claim} has no content with a handle of the driver; it is not written down.`,
    );
  }
  return {
    kind: "volume",
    namespace,
    claim,
    uid,
    snapshot,
    content: content.metadata.name,
    handle: snapshotHandle,
    createdAt: new Date(creationTime / 1e6).toISOString(),
    bytes: restoreSize ?? 0,
    group,
    lost: undefined,
    expiredAt: undefined,
  };
}

interface GroupStatus {
  readonly boundVolumeGroupSnapshotContentName?: string;
}

interface HandlePair {
  readonly volumeHandle?: string;
  readonly snapshotHandle?: string;
}

interface GroupContentStatus {
  /** From v1beta2 on. */
  readonly volumeSnapshotInfoList?: readonly HandlePair[];
  /** In v1beta1. */
  readonly volumeSnapshotHandlePairList?: readonly HandlePair[];
}

interface VolumeSpec {
  readonly csi?: { readonly volumeHandle?: string };
  readonly claimRef?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
  };
}

/**
 * What lasts of a group's members. Their names are the controller's own; which claim each is of, the handles of the
 * volumes say.
 *
 * @throws Error when a member is of no volume that is claimed
 */
export async function readTakenGroup(
  client: ClusterClient,
  { namespace, name }: TakenGroup,
): Promise<readonly VolumeMember[]> {
  const version = (await client.servedVersions("groupsnapshot.storage.k8s.io"))[0] ?? "v1beta2";
  const apiVersion = `groupsnapshot.storage.k8s.io/${version}`;
  const group = await client.get({ apiVersion, kind: "VolumeGroupSnapshot", namespace, name });
  const bound = statusOf<GroupStatus>(group).boundVolumeGroupSnapshotContentName;
  if (bound === undefined) {
    throw new Error(
      `VolumeGroupSnapshot ${namespace}/${name} has no content; it is not written down.`,
    );
  }
  const [content, snapshots, contents, volumes] = await Promise.all([
    client.get({ apiVersion, kind: "VolumeGroupSnapshotContent", name: bound }),
    client.list(SNAPSHOT_API, "VolumeSnapshot", { namespace }),
    client.list(SNAPSHOT_API, "VolumeSnapshotContent"),
    client.list("v1", "PersistentVolume"),
  ]);
  const { volumeSnapshotInfoList, volumeSnapshotHandlePairList } =
    statusOf<GroupContentStatus>(content);
  const pairs = volumeSnapshotInfoList ?? volumeSnapshotHandlePairList ?? [];
  const contentByHandle = new Map(
    contents.map((one) => [statusOf<ContentStatus>(one).snapshotHandle, one]),
  );
  const snapshotByContent = new Map(
    snapshots.map((one) => [
      statusOf<SnapshotStatus>(one).boundVolumeSnapshotContentName,
      one.metadata.name,
    ]),
  );
  const claimByHandle = new Map(
    volumes.map((volume) => {
      const { csi, claimRef } = (volume["spec"] ?? {}) as VolumeSpec;
      return [csi?.volumeHandle, claimRef];
    }),
  );
  return pairs.map(({ volumeHandle, snapshotHandle }) => {
    const member = contentByHandle.get(snapshotHandle);
    const claim = claimByHandle.get(volumeHandle);
    const snapshot = snapshotByContent.get(member?.metadata.name);
    if (claim?.name === undefined || snapshot === undefined) {
      throw new Error(
        `Group snapshot ${namespace}/${name} holds a snapshot ${snapshotHandle ?? ""} of volume ${volumeHandle ?? ""}, which belongs to no claim; it is not written down.`,
      );
    }
    const taken = { namespace, claim: claim.name, uid: claim.uid ?? "", snapshot };
    return volumeMember(taken, member, name);
  });
}

function statusOf<T extends object>(object: ClusterObject | undefined): Partial<T> {
  return (object?.["status"] ?? {}) as Partial<T>;
}
