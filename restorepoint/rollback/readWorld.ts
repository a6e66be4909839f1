import type { ClusterClient } from "../../clients/kubernetes/client";
import { fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import { UsageError } from "../../planning/errors";
import { volumeMembers } from "../../planning/pointMembers";
import type { PointRecord, RollbackRecord, RolledClaim } from "../../planning/pointRecord";
import { readPoints, requirePoint } from "../knownPoints";
import { readCluster } from "../liveSnapshots";
import { releaseStore, type PointSystems } from "../pointStack";
import { bindableMembers, unboundMembers } from "../presence";
import { claimingPods } from "../product/stop";
import { readStopWorld } from "../product/hazards";
import { collectRelease } from "../release/collect";
import type { StoredRelease } from "./objects";
import { readSources } from "../verify/verifyPoint";
import { beforeKey, liveClaim, rollbacksOf, unfinishedRollback } from "./record";
import { schedulingOf } from "./scheduling";
import type { Direction, RollbackWorld } from "./types";

export interface RollbackWish {
  /** Name of the point; for an undo undefined means the newest rollback. */
  readonly name: string | undefined;
  readonly direction: Direction;
  readonly degraded: boolean;
}

/** What a rollback is planned from, read by a few LISTs; nothing is changed. */
export async function readWorld(
  { name, direction, degraded }: RollbackWish,
  systems: PointSystems,
  client: ClusterClient,
): Promise<RollbackWorld> {
  const { stack } = systems;
  const { site } = stack;
  const { points, unknown } = await readPoints(systems);
  if (unknown.length > 0) {
    throw new Error(
      `It is unknown which rollbacks there were: ${unknown.join(" ")} Nothing was changed.`,
    );
  }
  const { record, rollback } =
    direction === "back" ? forBack(points, name, stack.name) : forUndo(points, name, stack.name);
  const { product } = site;
  const stored = await readTarget(record, rollback, direction, systems, client);
  const [live, volumes, pods, attachments, nodes, capacities, stop, sources, snapshots] =
    await Promise.all([
      collectRelease(client, product),
      client.list("v1", "PersistentVolume"),
      claimingPods(client, product),
      client.list("storage.k8s.io/v1", "VolumeAttachment"),
      client.list("v1", "Node"),
      client.list("storage.k8s.io/v1", "CSIStorageCapacity"),
      readStopWorld(client, product),
      readSources({ site, point: record }, { client }),
      readCluster(client),
    ]);
  const unbound = unboundMembers(record, snapshots);
  const byName = new Map(volumes.map((volume) => [volume.metadata.name, volume]));
  const scheduling = { target: stored?.release, claims: stop.claims, volumes: byName, degraded };
  return {
    site,
    direction,
    degraded,
    now: new Date(),
    record,
    points,
    rollback,
    target: stored?.release,
    missingSecrets: stored?.missing ?? [],
    live: live.release,
    volumes: byName,
    pods,
    attachments,
    nodes,
    capacities,
    stop,
    unbound,
    bindable: bindableMembers(unbound, snapshots),
    sources: { ...sources, scheduling: (member) => schedulingOf(member, scheduling) },
  };
}

type Found = Pick<RollbackWorld, "record" | "rollback">;

function forBack(points: readonly PointRecord[], name: string | undefined, stack: string): Found {
  const record = requirePoint(points, name ?? "", stack);
  const left = unfinishedRollback(points);
  if (left !== undefined && (left.point.name !== name || left.rollback.state === "undoing")) {
    const { point, rollback } = left;
    throw new UsageError(
      rollback.state === "undoing"
        ? `The rollback to ${point.name} is being undone: run ./atom rollback ${point.name} --undo again first. Nothing was changed.`
        : `A rollback to ${point.name} was begun at ${rollback.at} and not ended: run ./atom rollback ${point.name} again first, or with --undo. Nothing was changed.`,
    );
  }
  return { record, rollback: left?.rollback };
}

function forUndo(points: readonly PointRecord[], name: string | undefined, stack: string): Found {
  const found = rollbacksOf(points).find(({ rollback: { state } }) => state !== "undone");
  if (found === undefined || (name !== undefined && found.point.name !== name)) {
    throw new UsageError(
      found === undefined
        ? `Stack ${stack} has no rollback that can be undone. Nothing was changed.`
        : `The newest rollback was to ${found.point.name}: undo that first, or name it. Nothing was changed.`,
    );
  }
  return { record: found.point, rollback: found.rollback };
}

/** What has to be there again at the end. */
export async function readTarget(
  record: PointRecord,
  rollback: RollbackRecord | undefined,
  direction: Direction,
  { stack }: PointSystems,
  client: ClusterClient,
): Promise<(StoredRelease & { readonly missing: readonly string[] }) | undefined> {
  const store = releaseStore(stack, client);
  const [key, stored] =
    direction === "back"
      ? [record.name, record.objects]
      : [beforeKey(record.name, rollback?.at ?? ""), rollback?.objects];
  if (stored === undefined) {
    return undefined;
  }
  const release = await store.read(key, stored.digest);
  const { there, missing } = await store.secrets(key, release);
  return {
    release,
    secrets: there,
    missing: missing.map(({ namespace, name }) => `${namespace}/${name}`),
  };
}

/** What the claims of a point have now, to be kept. */
export function keptClaims({ record, stop, volumes }: RollbackWorld): readonly RolledClaim[] {
  return volumeMembers(record).map(({ namespace, claim }) => {
    const live = liveClaim(stop.claims, { namespace, claim });
    const volume = volumes.get(live === undefined ? "" : fieldText(live, "spec", "volumeName"));
    return {
      namespace,
      claim,
      ...(live === undefined || volume === undefined ? {} : { kept: keptVolume(live, volume) }),
    };
  });
}

function keptVolume(claim: ClusterObject, volume: ClusterObject): NonNullable<RolledClaim["kept"]> {
  return {
    uid: claim.metadata.uid ?? "",
    volume: volume.metadata.name,
    handle: fieldText(volume, "spec", "csi", "volumeHandle"),
    policy: fieldText(volume, "spec", "persistentVolumeReclaimPolicy"),
  };
}
