import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, fieldText, fullName, type ClusterObject } from "../../clients/kubernetes/object";
import { inParallel } from "../../clients/parallel";
import { waitFor } from "../../clients/wait";
import { contentOf as liveContent, SNAPSHOT_API } from "../../drift/volumeObjects";
import type { VolumeMember } from "../../planning/pointRecord";
import { listed } from "../../planning/words";
import type { ProductVolume } from "../productVolumes";
import { groupHandleOf, handlePairs } from "../served";
import { requireGoingOn, TakeError } from "./takeError";
import { contentOf, TakeWatch, type WatchOptions } from "./watch";

/** Requests to the API server in flight. */
const IN_FLIGHT = 32;

type Reader = Pick<ClusterClient, "list" | "get" | "modify">;

/** A volume with the snapshot that was taken of it. */
type Identity = Pick<ProductVolume, "namespace" | "claim" | "uid">;

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
function contentsOf(
  client: Reader,
  snapshots: readonly ClusterObject[],
): Promise<readonly (ClusterObject | undefined)[]> {
  return inParallel(snapshots, IN_FLIGHT, async (live) => {
    const reference = contentOf(live);
    return reference && (await client.get(reference));
  });
}

/** The member that a content stands for. @throws TakeError for a content without a handle of the driver */
function volumeMember(
  { namespace, claim, uid }: Identity,
  snapshot: string,
  content: ClusterObject | undefined,
): VolumeMember {
  const handle = content && fieldText(content, "status", "snapshotHandle");
  // Nanoseconds since 1970.
  const createdAt = content && (field(content, "status", "creationTime") as number | undefined);
  if (content === undefined || !handle || createdAt === undefined) {
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
    handle,
    createdAt: new Date(createdAt / 1e6).toISOString(),
    bytes: (field(content, "status", "restoreSize") as number | undefined) ?? 0,
  };
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
  { limits, signal }: Pick<WatchOptions, "limits" | "signal">,
): Promise<readonly VolumeMember[]> {
  const begin = performance.now();
  const { name, namespace = "" } = group.metadata;
  const title = `VolumeGroupSnapshot ${namespace}/${name}`;
  const claimByHandle = new Map(volumes.map((volume) => [volume.volumeHandle, volume]));
  const reference = contentOf(group);
  const content = reference && (await client.get(reference));
  const volumeOf = new Map(
    handlePairs(content).map(({ volumeHandle = "", snapshotHandle = "" }) => {
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
    throw new TakeError(`${title} holds no snapshot of ${listed(missing.map(claimOf))}.`);
  }
  const left = (): number => limits.ready - (performance.now() - begin) / 1000;
  const bound = await boundMembers(client, group, volumeOf, left, signal);
  // The controller's names are hashes; the record has its members in the order of the claims.
  const found = volumes.flatMap((volume) => bound.filter((one) => one.volume === volume));
  const subjects = found.map(({ snapshot }) => snapshot);
  const claimed = found.map(({ volume }) => volume);
  await new TakeWatch({
    client,
    subjects,
    labelSelector: undefined,
    title: (one) =>
      `VolumeSnapshot ${fullName(one)} of claim ${claimed[subjects.indexOf(one)]?.claim ?? ""}`,
    limits: { ...limits, ready: Math.max(1, left()) },
    signal,
  }).until("ready");
  const groupHandle = groupHandleOf(content) || undefined;
  const members = await readMembers(client, subjects, claimed);
  return members.map((member) => ({ ...member, group: name, groupHandle }));
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
  let missing: readonly ProductVolume[] = [];
  const look = async (): Promise<readonly FoundMember[] | undefined> => {
    requireGoingOn(signal);
    const members = (await client.list(SNAPSHOT_API, "VolumeSnapshot", { namespace })).filter(
      (one) => isMemberOf(one, name),
    );
    const contents = await contentsOf(client, members);
    const found = members.flatMap((snapshot, index): FoundMember[] => {
      const content = contents[index];
      const volume = content && volumeOf.get(liveContent(content).handle);
      return volume === undefined ? [] : [{ snapshot, volume }];
    });
    missing = [...volumeOf.values()].filter(
      (volume) => !found.some((one) => one.volume === volume),
    );
    return missing.length === 0 ? found : undefined;
  };
  const bound = await waitFor(look, { timeoutMs: left() * 1000, pauseMs: LOOK_EVERY_MS });
  if (bound === undefined) {
    throw new TakeError(
      `The snapshot controller has not bound the members of VolumeGroupSnapshot ${namespace}/${name} in time: ` +
        `${listed(missing.map(claimOf))}. Look for what snapshot-controller logs.`,
    );
  }
  return bound;
}

const LOOK_EVERY_MS = 500;

function isMemberOf(snapshot: ClusterObject, group: string): boolean {
  const owners = (snapshot.metadata["ownerReferences"] ?? []) as readonly {
    readonly kind?: string;
    readonly name?: string;
  }[];
  return (
    fieldText(snapshot, "status", "volumeGroupSnapshotName") === group ||
    owners.some(({ kind, name }) => kind === "VolumeGroupSnapshot" && name === group)
  );
}

function claimOf({ namespace, claim }: ProductVolume): string {
  return `${namespace}/${claim}`;
}
