import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { inParallel } from "../../clients/parallel";
import type { VolumeMember } from "../../planning/pointRecord";
import type { ProductVolume } from "../productVolumes";
import { statusOf, type TakeLimits } from "./judge";
import { requireGoingOn, TakeError } from "./takeError";
import { contentOf, TakeWatch } from "./watch";

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Requests to the API server in flight. */
const IN_FLIGHT = 32;

type Reader = Pick<ClusterClient, "list" | "get" | "modify">;

/** A volume with the snapshot that was taken of it. */
type Identity = Pick<ProductVolume, "namespace" | "claim" | "uid">;

interface ContentStatus {
  readonly snapshotHandle?: string;
  /** Nanoseconds since 1970. */
  readonly creationTime?: number;
  readonly restoreSize?: number;
}

/**
 * What lasts of snapshots that were taken one by one.
 *
 * @param snapshots VolumeSnapshots that are ready, in the order of the volumes
 * @throws TakeError for one whose content has no handle of the driver
 */
export async function readMembers(
  client: Reader,
  snapshots: readonly ClusterObject[],
  volumes: readonly Identity[],
): Promise<readonly VolumeMember[]> {
  const contents = await contentsOf(client, snapshots);
  return volumes.map((volume, index) =>
    volumeMember(volume, snapshots[index]?.metadata.name ?? "", contents[index]),
  );
}

/** The contents that snapshots are bound to, in their order. */
async function contentsOf(
  client: Reader,
  snapshots: readonly ClusterObject[],
): Promise<readonly (ClusterObject | undefined)[]> {
  const contents: (ClusterObject | undefined)[] = [];
  const failed = await inParallel([...snapshots.entries()], IN_FLIGHT, async ([index, live]) => {
    const reference = contentOf(live);
    contents[index] = reference === undefined ? undefined : await client.get(reference);
  });
  if (failed[0] !== undefined) {
    throw failed[0].error;
  }
  return contents;
}

/** The member that a content stands for. @throws TakeError for a content without a handle of the driver */
function volumeMember(
  { namespace, claim, uid }: Identity,
  snapshot: string,
  content: ClusterObject | undefined,
): VolumeMember {
  const { snapshotHandle, creationTime, restoreSize } = statusOf<ContentStatus>(content);
  if (content === undefined || snapshotHandle === undefined || creationTime === undefined) {
    throw new TakeError(
      `VolumeSnapshot ${namespace}/${snapshot} of claim ${claim} has no content with a handle of the driver.`,
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
    lost: undefined,
    expiredAt: undefined,
  };
}

interface HandlePair {
  readonly volumeHandle?: string;
  readonly snapshotHandle?: string;
}

interface GroupContentStatus {
  readonly volumeGroupSnapshotHandle?: string;
  /** From v1beta2 on. */
  readonly volumeSnapshotInfoList?: readonly HandlePair[];
  /** In v1beta1. */
  readonly volumeSnapshotHandlePairList?: readonly HandlePair[];
}

export interface GroupWait {
  readonly limits: TakeLimits;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What lasts of a group's members. The controller names their snapshots; which volume each is of, the driver's handles of
 * volume and snapshot say. A group is ready before its members are, so that each of them is waited for.
 *
 * @param group VolumeGroupSnapshot that is ready
 * @param volumes the point's volumes in its namespace
 * @throws TakeError naming claims that no member is of, members that do not get ready, or a member of another volume
 */
export async function readGroupMembers(
  client: Reader,
  group: ClusterObject,
  volumes: readonly ProductVolume[],
  { limits, signal }: GroupWait,
): Promise<readonly VolumeMember[]> {
  const begin = performance.now();
  const { name, namespace = "" } = group.metadata;
  const title = `VolumeGroupSnapshot ${namespace}/${name}`;
  const claimByHandle = new Map(volumes.map((volume) => [volume.volumeHandle, volume]));
  const { pairs, groupHandle } = await readGroupContent(client, contentOf(group));
  const volumeOf = new Map(
    pairs.map(({ volumeHandle = "", snapshotHandle = "" }) => {
      const volume = claimByHandle.get(volumeHandle);
      if (volume === undefined) {
        throw new TakeError(
          `${title} holds a snapshot ${snapshotHandle} of volume ${volumeHandle}, which is of no claim of the point.`,
        );
      }
      return [snapshotHandle, volume] as const;
    }),
  );
  const missing = volumes.filter((volume) => ![...volumeOf.values()].includes(volume));
  if (missing.length > 0) {
    throw new TakeError(`${title} holds no snapshot of ${missing.map(claimOf).join(", ")}.`);
  }
  const left = (): number => limits.ready - (performance.now() - begin) / 1000;
  const bound = await boundMembers(client, group, volumeOf, left, signal);
  // The controller's names are hashes; the record has its members in the order of the claims.
  const found = volumes.flatMap((volume) => bound.filter((one) => one.volume === volume));
  const titles = new Map(
    found.map(({ snapshot, volume }) => [
      snapshot.metadata.name,
      `VolumeSnapshot ${namespace}/${snapshot.metadata.name} of claim ${volume.claim}`,
    ]),
  );
  await new TakeWatch({
    client,
    subjects: found.map(({ snapshot }) => snapshot),
    labelSelector: undefined,
    title: ({ metadata }) => titles.get(metadata.name) ?? metadata.name,
    limits: { ...limits, ready: Math.max(1, left()) },
    signal,
  }).until("ready");
  const contents = await contentsOf(
    client,
    found.map(({ snapshot }) => snapshot),
  );
  return found.map(({ snapshot, volume }, index) => ({
    ...volumeMember(volume, snapshot.metadata.name, contents[index]),
    group: name,
    groupHandle,
  }));
}

interface FoundMember {
  readonly snapshot: ClusterObject;
  readonly volume: ProductVolume;
}

/** Waits until every member has its own VolumeSnapshot, bound to a content with its handle. */
async function boundMembers(
  client: Reader,
  group: ClusterObject,
  volumeOf: ReadonlyMap<string, ProductVolume>,
  left: () => number,
  signal: AbortSignal | undefined,
): Promise<readonly FoundMember[]> {
  const { name, namespace = "" } = group.metadata;
  for (;;) {
    requireGoingOn(signal);
    const members = (await client.list(SNAPSHOT_API, "VolumeSnapshot", { namespace })).filter(
      (one) => isMemberOf(one, name),
    );
    const late = left() <= 0;
    const bound = members.every((one) => contentOf(one) !== undefined);
    const contents =
      late || (bound && members.length >= volumeOf.size) ? await contentsOf(client, members) : [];
    const found = members.flatMap((snapshot, index): FoundMember[] => {
      const volume = volumeOf.get(handleOf(contents[index]));
      return volume === undefined ? [] : [{ snapshot, volume }];
    });
    const missing = [...volumeOf.values()].filter(
      (volume) => !found.some((one) => one.volume === volume),
    );
    if (missing.length === 0) {
      return found;
    }
    if (late) {
      throw new TakeError(
        `The snapshot controller has not bound the members of VolumeGroupSnapshot ${namespace}/${name} in time: ` +
          `${missing.map(claimOf).join(", ")}. Look for what snapshot-controller logs.`,
      );
    }
    await pause(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

const LOOK_EVERY_MS = 250;

async function readGroupContent(
  client: Reader,
  reference: ObjectReference | undefined,
): Promise<{ readonly pairs: readonly HandlePair[]; readonly groupHandle: string | undefined }> {
  const content = reference === undefined ? undefined : await client.get(reference);
  const status = statusOf<GroupContentStatus>(content);
  return {
    pairs: status.volumeSnapshotInfoList ?? status.volumeSnapshotHandlePairList ?? [],
    groupHandle: status.volumeGroupSnapshotHandle,
  };
}

/** The driver's id of a content's snapshot; those of a group's members have it in their source from the start. */
function handleOf(content: ClusterObject | undefined): string {
  const spec = (content?.["spec"] ?? {}) as {
    readonly source?: { readonly snapshotHandle?: string };
  };
  return spec.source?.snapshotHandle ?? statusOf<ContentStatus>(content).snapshotHandle ?? "";
}

function isMemberOf(snapshot: ClusterObject, group: string): boolean {
  const owners = (snapshot.metadata["ownerReferences"] ?? []) as readonly {
    readonly kind?: string;
    readonly name?: string;
  }[];
  return (
    statusOf<{ readonly volumeGroupSnapshotName?: string }>(snapshot).volumeGroupSnapshotName ===
      group || owners.some(({ kind, name }) => kind === "VolumeGroupSnapshot" && name === group)
  );
}

function claimOf({ namespace, claim }: ProductVolume): string {
  return `${namespace}/${claim}`;
}
