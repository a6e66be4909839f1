import { randomUUID } from "node:crypto";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, fieldText } from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { isLiving, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord, RollbackRecord } from "../../planning/pointRecord";
import { listed } from "../../planning/words";
import { readPoints, requirePoint } from "../knownPoints";
import {
  alone,
  killPoint,
  pointCatalog,
  releaseStore,
  requireCluster,
  type PointSystems,
} from "../pointStack";
import { untilGone } from "../verify/scratchClaim";
import { beforeKey, withoutObjects } from "./record";
import { ROLLBACK_COMMAND, RollbackError } from "./types";
import { volumeReference } from "./volumes";

/** A volume that a rollback or its undo has left beside the one that the product uses. */
interface SpareVolume {
  /** When its rollback was begun. */
  readonly at: string;
  readonly namespace: string;
  readonly claim: string;
  readonly volume: string;
  readonly handle: string;
}

export interface Purge {
  readonly state: "done" | "refused" | "declined" | "nothing";
  readonly volumes: readonly SpareVolume[];
}

/**
 * Removes for good what rollbacks to a point have kept: after it they cannot be undone. Shown, asked for, repeatable.
 *
 * @throws UsageError for a point that is not there
 */
export async function purgeKept(name: string, systems: PointSystems): Promise<Purge> {
  const { reporter, stack, ask } = systems;
  const client = await requireCluster(systems, "what may be removed", "rollback");
  const { point, points } = await find(name, systems);
  const volumes = spareVolumes(point);
  const refusals = dependants(volumes, points);
  volumes.forEach(({ namespace, claim, volume }) =>
    reporter.info(`${volume}, kept for ${namespace}/${claim}`),
  );
  if (volumes.length === 0 && storedFor(point).length === 0) {
    reporter.info(`Rollbacks to ${name} have left nothing.`);
    return { state: "nothing", volumes };
  }
  if (refusals.length > 0) {
    refusals.forEach((text) => reporter.warn(text));
    reporter.info("Nothing was changed.");
    return { state: "refused", volumes };
  }
  if (
    !(await ask(
      `Remove ${volumes.length} volumes for good on stack ${stack.name}? The rollback to ${name} cannot be undone then.`,
    ))
  ) {
    return { state: "declined", volumes };
  }
  return alone(systems, client, async () => {
    const now = await find(name, systems);
    if (dependants(spareVolumes(now.point), now.points).length > 0) {
      throw new RollbackError(
        "A point was taken of one of the volumes meanwhile. Nothing was changed.",
      );
    }
    await purge(now.point, systems, client);
    return { state: "done", volumes };
  });
}

async function find(
  name: string,
  systems: PointSystems,
): Promise<{ readonly point: PointRecord; readonly points: readonly PointRecord[] }> {
  const { points, unknown } = await readPoints(systems);
  if (unknown.length > 0) {
    throw new Error(`It is unknown what may be removed: ${unknown.join(" ")} Nothing was changed.`);
  }
  return { point: requirePoint(points, name, systems.stack.name), points };
}

/** Of a rollback that stands, the volumes of before; of one that was undone, those that were restored. */
function spareVolumes({ rollbacks = [] }: PointRecord): readonly SpareVolume[] {
  return rollbacks.flatMap(({ at, state, claims }) =>
    claims.flatMap(({ namespace, claim, kept, made, purged }) => {
      const spare = state === "done" ? kept : state === "undone" ? made : undefined;
      return spare === undefined || purged !== undefined
        ? []
        : [{ at, namespace, claim, volume: spare.volume, handle: spare.handle }];
    }),
  );
}

/** Rollbacks that stand, with the objects of before. */
function storedFor({ rollbacks = [] }: PointRecord): readonly RollbackRecord[] {
  return rollbacks.filter(({ state, objects }) => state === "done" && objects !== undefined);
}

/** Snapshots live in the volume that they were taken of, or hang on it: it goes after them. */
function dependants(
  volumes: readonly SpareVolume[],
  points: readonly PointRecord[],
): readonly string[] {
  return volumes.flatMap(({ volume, handle, namespace, claim }) => {
    const names = points.filter((point) =>
      volumeMembers(point).some(
        (member) =>
          isLiving(member) &&
          point.lineage.some(
            ({ uid, volumeHandle }) => uid === member.uid && volumeHandle === handle,
          ),
      ),
    );
    return names.length === 0
      ? []
      : [
          `Volume ${volume} of ${namespace}/${claim} stays: ${listed(names.map((one) => one.name))} ${names.length === 1 ? "has" : "have"} a snapshot of it. ` +
            "End that with ./atom restore-point expire first.",
        ];
  });
}

async function purge(
  point: PointRecord,
  { stack, reporter }: PointSystems,
  client: ClusterClient,
): Promise<void> {
  const journal = await pointCatalog(stack, client).open(point, ROLLBACK_COMMAND);
  const onStep = killPoint(stack);
  for (const spare of spareVolumes(point)) {
    const step = `purge ${spare.volume}`;
    const progress = reporter.progress(`Removing ${spare.volume}`);
    await journal.begin(step, { volume: spare.volume, handle: spare.handle });
    onStep();
    await removeVolume(spare.volume, client);
    onStep();
    await journal.end(step, { outcome: "done" }, (record) => ({
      ...record,
      rollbacks: (record.rollbacks ?? []).map((rollback) => ({
        ...rollback,
        claims: rollback.claims.map((one) =>
          rollback.at === spare.at && one.namespace === spare.namespace && one.claim === spare.claim
            ? { ...one, purged: new Date().toISOString() }
            : one,
        ),
      })),
    }));
    progress.done();
  }
  for (const { at } of storedFor(point)) {
    await releaseStore(stack, client).remove(beforeKey(point.name, at));
    await journal.note("forget objects", {}, (record) => ({
      ...record,
      rollbacks: (record.rollbacks ?? []).map((one) => (one.at === at ? withoutObjects(one) : one)),
    }));
  }
  await journal.close("done");
}

const LIMIT_MS = 5 * 60_000;

/**
 * Lets the cluster remove a volume that no claim uses, with its bytes. One that is reserved for a claim counts as released
 * by it only with the UID of a claim that is gone.
 */
async function removeVolume(name: string, client: ClusterClient): Promise<void> {
  const reference = volumeReference(name);
  const live = await client.get(reference);
  if (live === undefined) {
    return;
  }
  const claims = await client.list("v1", "PersistentVolumeClaim");
  if (claims.some((claim) => fieldText(claim, "spec", "volumeName") === name)) {
    throw new RollbackError(`PersistentVolume ${name} is in use again: it was not touched.`);
  }
  await client.modify(reference, FIELD_MANAGER, (volume) => {
    const claimRef = (field(volume, "spec", "claimRef") ?? {}) as { readonly uid?: string };
    return {
      ...volume,
      spec: {
        ...(volume["spec"] as object),
        persistentVolumeReclaimPolicy: "Delete",
        claimRef: { ...claimRef, uid: claimRef.uid ?? randomUUID() },
      },
    };
  });
  await untilGone(client, reference, LIMIT_MS);
}
