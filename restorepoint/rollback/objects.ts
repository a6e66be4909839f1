import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import {
  describeObject,
  field,
  referenceOf,
  type ClusterObject,
} from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { inParallel } from "../../clients/parallel";
import { waitFor } from "../../clients/wait";
import { canonicalJson } from "../../config/canonicalJson";
import type { PausedObject } from "../../planning/pointRecord";
import type { Product } from "../../planning/site";
import { listed } from "../../planning/words";
import { paused } from "../product/hazards";
import { startProduct } from "../product/stop";
import { isLeftStopped, isWorkload, scaled, workloadOf } from "../product/workloads";
import { collectRelease } from "../release/collect";
import { runningImages } from "../release/images";
import type { SecretContent } from "../release/secrets";
import { stripped } from "../release/strip";
import { listIn } from "../served";
import type { ReleaseObjects } from "../release/types";
import { untilGone } from "../verify/scratchClaim";
import { imagesOf, isMadeAnew, surplus, surplusSecrets, writtenBack } from "./changes";
import { RollbackError } from "./types";
import type { VolumePorts } from "./volumes";

/** A release with what of its Secrets there are copies of. */
export interface StoredRelease {
  readonly release: ReleaseObjects;
  readonly secrets: readonly SecretContent[];
}

const IN_FLIGHT = 8;

/**
 * Makes the product's objects those of a release: what differs is written, what came since is removed. Workloads that are
 * stopped stay so, with the replicas of the release to go back to; what is paused stays paused. Repeatable.
 *
 * @throws RollbackError naming what cannot be written
 */
export async function writeObjects(
  { release, secrets }: StoredRelease,
  product: Product,
  pausing: readonly PausedObject[],
  ports: VolumePorts,
): Promise<number> {
  const { client, onStep } = ports;
  const live = (await collectRelease(client, product)).release;
  const digests = new Set(live.secrets.map((one) => canonicalJson(one)));
  const changed = secrets.filter(({ reference }) => !digests.has(canonicalJson(reference)));
  const isPausing = (object: ClusterObject): boolean =>
    pausing.some(
      (one) =>
        one.kind === object.kind &&
        one.namespace === object.metadata.namespace &&
        one.name === object.metadata.name,
    );
  const objects = [...changed.map((secret) => secret.toApply()), ...writtenBack(release)];
  const written = await inParallel(objects, IN_FLIGHT, async (object) => {
    try {
      return await write(isPausing(object) ? paused(object, true) : object, ports);
    } catch (error) {
      const what = describeObject(referenceOf(object));
      throw new RollbackError(`${what} cannot be written back: ${(error as Error).message}`);
    }
  });
  const gone = [
    ...surplusSecrets(live, release).map(({ namespace, name }) => ({
      apiVersion: "v1",
      kind: "Secret",
      namespace,
      name,
    })),
    ...surplus(live, release).removed.map(referenceOf),
  ];
  for (const reference of gone) {
    onStep();
    await client.delete(reference, undefined);
  }
  return written.filter(Boolean).length + gone.length;
}

/** @returns whether anything had to be changed */
async function write(
  object: ClusterObject,
  { client, onStep, limitMs }: VolumePorts,
): Promise<boolean> {
  const reference = referenceOf(object);
  const live = await client.get(reference);
  const wanted = stillStopped(object, live);
  if (live !== undefined && canonicalJson(stripped(live).object) === canonicalJson(wanted)) {
    return false;
  }
  onStep();
  if (live !== undefined && !isMadeAnew(live, wanted)) {
    try {
      await client.modify(reference, FIELD_MANAGER, (now) => merged(now, wanted));
      return true;
    } catch (error) {
      // Something in it must not change, e.g. of an immutable ConfigMap.
      if (!(error instanceof ClusterError) || error.status !== 422) {
        throw error;
      }
    }
  }
  if (live !== undefined) {
    await client.delete(reference, live.metadata.uid);
    await untilGone(client, reference, limitMs);
  }
  await client.create(wanted, FIELD_MANAGER);
  return true;
}

/** A workload that a command has stopped, or that is not there, is written as stopped. */
function stillStopped(object: ClusterObject, live: ClusterObject | undefined): ClusterObject {
  if (!isWorkload(object) || (live !== undefined && !isLeftStopped(live))) {
    return object;
  }
  const workload = workloadOf(object);
  return workload.replicas > 0 ? scaled(object, workload, "stopped") : object;
}

/** What the API server and controllers set is the live object's. */
function merged(live: ClusterObject, wanted: ClusterObject): ClusterObject {
  const { uid, resourceVersion, finalizers, ownerReferences } = live.metadata;
  return {
    ...wanted,
    metadata: {
      ...wanted.metadata,
      uid,
      resourceVersion,
      finalizers,
      ownerReferences,
    } as ClusterObject["metadata"],
    ...(live["status"] === undefined ? {} : { status: live["status"] }),
    ...(live.kind === "ServiceAccount" ? { secrets: live["secrets"] } : {}),
  };
}

/**
 * Starts the workloads of a release that are stopped and waits until all are ready.
 *
 * @returns images that run with another digest than was recorded, for people
 * @throws RollbackError when the image of one is not that of the release, or one does not get ready
 */
export async function startRelease(
  release: ReleaseObjects,
  product: Product,
  { client, onStep, limitMs, signal }: VolumePorts,
): Promise<readonly string[]> {
  const stored = writtenBack(release).filter(isWorkload);
  const pairs = await Promise.all(
    stored.map(async (object) => ({ object, live: await client.get(referenceOf(object)) })),
  );
  const others = pairs.flatMap(({ object, live }) => {
    const wanted = imagesOf(object);
    return (live === undefined ? [] : imagesOf(live)).filter((image) => !wanted.includes(image));
  });
  if (others.length > 0) {
    throw new RollbackError(
      `Nothing is started, since images are not those of the release: ${others.join("; ")}. Something sets them back, ` +
        "a webhook or an operator: stop that, and run the command again.",
    );
  }
  const stopped = pairs.filter(({ live }) => live !== undefined && isLeftStopped(live));
  // What starts others comes last.
  const ordered = stopped
    .map(({ object }) => workloadOf(object))
    .sort((one, other) => (one.kind < other.kind ? -1 : 1));
  await startProduct(client, ordered, onStep);
  const running = stored.filter(({ kind }) => kind !== "CronJob");
  const late = async (): Promise<readonly string[]> =>
    (
      await Promise.all(
        running.map(async (object) => {
          const live = await client.get(referenceOf(object));
          return live !== undefined && isReady(live) ? [] : [describeObject(referenceOf(object))];
        }),
      )
    ).flat();
  const ready = async (): Promise<true | undefined> =>
    (await late()).length === 0 ? true : undefined;
  if (
    (await waitFor(ready, { timeoutMs: limitMs, pauseMs: 250, longestPauseMs: 2000, signal })) ===
    undefined
  ) {
    throw new RollbackError(
      `The product is started and not ready after ${Math.round(limitMs / 1000)} s: ${listed(await late())}. Look at ` +
        "its pods; run the command again to go on waiting, or with --undo to go back.",
    );
  }
  return otherDigests(client, release, product);
}

function isReady(live: ClusterObject): boolean {
  const number = (...path: readonly string[]): number => Number(field(live, ...path) ?? 0);
  const replicas = Number(field(live, "spec", "replicas") ?? 1);
  return (
    number("status", "observedGeneration") >= number("metadata", "generation") &&
    number("status", "readyReplicas") >= replicas
  );
}

/** A tag may have been moved to other bytes since. */
async function otherDigests(
  client: ClusterClient,
  release: ReleaseObjects,
  product: Product,
): Promise<readonly string[]> {
  const pods = await listIn(client, product.namespaces, "v1", "Pod");
  const key = (one: ReleaseObjects["images"][number]): string =>
    [one.namespace, one.workload, one.container, one.image].join(" ");
  const recorded = new Map(release.images.map((one) => [key(one), one.imageId]));
  return runningImages(pods).flatMap((one) => {
    const then = recorded.get(key(one));
    return then === undefined || then === one.imageId
      ? []
      : [`${key(one)}: runs ${one.imageId}, recorded is ${then}`];
  });
}
