import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../../clients/kubernetes/object";
import { describeObject } from "../../clients/kubernetes/object";
import { removeJob } from "../jobs/job";
import { waitFor } from "../../clients/wait";
import { carries, FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { GROUP_API, newestServed } from "../served";
import { scratchReferences } from "./scratchObjects";
import { findScratch, type ScratchPlace } from "./findScratch";
import { verifyLabels } from "./scratchPlan";

/** Something that was made for a verification does not go; the next run goes on from there. */
export class ScratchError extends Error {
  override readonly name = "ScratchError";
}

export interface CleanOptions {
  /** Called before each change; tests end the process from it. */
  readonly onStep?: ((what: string) => void) | undefined;
  /** How long each object may take to go, in milliseconds; default 5 minutes. */
  readonly limitMs?: number | undefined;
}

const LIMIT_MS = 5 * 60_000;
const POLL_MS = 100;

/**
 * How long a volume that was on its way when its claim was removed is waited for, in milliseconds. One that comes later
 * still is found by the next run, by the claim's UID in the ledger.
 */
const LATE_VOLUME_MS = 2_000;

/**
 * Removes all that was made to verify one member: its job, the scratch claim with its volume, the snapshot, and the second
 * content; the storage's snapshot stays. Repeatable from anywhere; what does not carry our labels is not touched.
 *
 * @throws ScratchError naming what does not go, or is not ours
 */
export async function cleanScratch(
  place: ScratchPlace,
  name: string,
  options: CleanOptions = {},
): Promise<void> {
  const { client, namespace } = place;
  const { onStep = () => {}, limitMs = LIMIT_MS } = options;
  const of = scratchReferences(namespace, name);
  const own = (reference: ObjectReference): Promise<ClusterObject | undefined> =>
    ownObject(place, reference);
  if ((await own(of.job)) !== undefined) {
    onStep(`delete ${describeObject(of.job)}`);
    await removeJob(client, { namespace, name, graceSeconds: 5 });
  }
  if ((await own(of.claim)) !== undefined) {
    const claim = await driverEnded(client, of.claim, Math.min(DRIVER_MS, limitMs));
    if (claim !== undefined) {
      await removeClaim(place, claim, onStep, limitMs);
    }
  }
  const groupApi = await newestServed(client, GROUP_API);
  const group =
    groupApi === undefined
      ? []
      : [{ apiVersion: groupApi, kind: "VolumeGroupSnapshotContent", name }];
  for (const reference of [of.content, ...group]) {
    const content = await own(reference);
    if (content !== undefined) {
      await keepTheStorages(place, reference, content, onStep);
    }
  }
  // The snapshot first: without it the sidecar lets the content go, and only the content.
  for (const reference of [of.snapshot, of.content, ...group]) {
    const live = await own(reference);
    if (live !== undefined) {
      onStep(`delete ${describeObject(reference)}`);
      await client.delete(reference, live.metadata.uid);
      await letGo(client, reference, limitMs);
    }
  }
}

/** How long controllers get to let go of what holds on to nothing of the storage's, in milliseconds. */
const LET_GO_MS = 20_000;

/**
 * Waits until a snapshot object of ours is gone. Controllers may never look at it again, of a group that they do not know
 * say. With the policy Retain they have nothing to do in the storage, so that it is let go without them then.
 */
async function letGo(
  client: ClusterClient,
  reference: ObjectReference,
  limitMs: number,
): Promise<void> {
  try {
    await untilGone(client, reference, Math.min(LET_GO_MS, limitMs));
  } catch (error) {
    if (!(error instanceof ScratchError)) {
      throw error;
    }
    await client.modify(reference, FIELD_MANAGER, ({ metadata, ...live }) => ({
      ...(live as ClusterObject),
      metadata: { ...metadata, finalizers: [] },
    }));
    await untilGone(client, reference, limitMs);
  }
}

/**
 * Removes all that verifications of a point have left, e.g. of a killed run, or before the point itself goes.
 *
 * @param claimUids scratch claims that the ledger knows of
 * @returns names of what was there
 */
export async function clearScratch(
  place: ScratchPlace,
  claimUids: ReadonlySet<string>,
  options: CleanOptions = {},
): Promise<readonly string[]> {
  const names = await findScratch(place);
  for (const name of names) {
    await cleanScratch(place, name, options);
  }
  return [...names, ...(await cleanVolumes(place, claimUids, options))];
}

/** Removes volumes whose scratch claim is gone: they came after it, or its removal was interrupted. */
async function cleanVolumes(
  { client }: ScratchPlace,
  claimUids: ReadonlySet<string>,
  { onStep = () => {}, limitMs = LIMIT_MS }: CleanOptions = {},
): Promise<readonly string[]> {
  if (claimUids.size === 0) {
    return [];
  }
  const found = (await client.list("v1", "PersistentVolume")).filter((volume) =>
    claimUids.has(claimUid(volume) ?? ""),
  );
  for (const volume of found) {
    await removeVolume(client, volume.metadata.name, claimUid(volume) ?? "", onStep);
  }
  for (const { metadata } of found) {
    await untilGone(client, volumeReference(metadata.name), limitMs);
  }
  return found.map(({ metadata }) => metadata.name);
}

async function ownObject(
  place: ScratchPlace,
  reference: ObjectReference,
): Promise<ClusterObject | undefined> {
  const live = await place.client.get(reference);
  if (live !== undefined && !carries(live, verifyLabels(place.stack, place.point))) {
    throw new ScratchError(
      `${describeObject(reference)} has the name that verifying ${place.point} needs and not our labels: it is not touched. ` +
        "Remove it, or set cluster.namespace to a namespace of our own.",
    );
  }
  return live;
}

/** How long a driver that makes a scratch volume gets to come to its end, in milliseconds. */
const DRIVER_MS = 60_000;

/** Set by the cluster as soon as a driver is to make the claim's volume. */
const PROVISIONER = "volume.kubernetes.io/storage-provisioner";

/** Codes after which the driver may still be at it; any other ends the call. */
const AT_WORK = /code = (Canceled|DeadlineExceeded|Unavailable|Aborted|ResourceExhausted)\b/;

/**
 * Waits until the driver has made a claim's volume or has refused to: a volume that comes after its claim went stays in
 * the storage, and nothing in the cluster knows it.
 *
 * @returns the claim as it is then; undefined when it is gone
 * @throws ScratchError when the driver does not end in time; the claim is kept
 */
async function driverEnded(
  client: ClusterClient,
  reference: ObjectReference,
  limitMs: number,
): Promise<ClusterObject | undefined> {
  const look = async (): Promise<{ readonly claim: ClusterObject | undefined } | undefined> => {
    const claim = await client.get(reference);
    const spec = claim?.["spec"] as { readonly volumeName?: string } | undefined;
    const isBegun = claim?.metadata.annotations?.[PROVISIONER] !== undefined;
    return !isBegun || spec?.volumeName !== undefined || (await hasRefused(client, claim))
      ? { claim }
      : undefined;
  };
  const found = await waitFor(look, { timeoutMs: limitMs, pauseMs: POLL_MS * 2 });
  if (found === undefined) {
    throw new ScratchError(
      `${describeObject(reference)} is kept: the driver still makes its volume after ${Math.round(limitMs / 1000)} s, and ` +
        "without the claim nothing would know it. The next verification of the point removes both.",
    );
  }
  return found.claim;
}

/** Whether the last word about a claim is that its volume is not made. */
async function hasRefused(client: ClusterClient, claim: ClusterObject): Promise<boolean> {
  const { namespace, uid = "" } = claim.metadata;
  const fieldSelector = `involvedObject.uid=${uid},reason=ProvisioningFailed`;
  const events = await client.list("v1", "Event", { namespace, fieldSelector });
  const time = (event: ClusterObject): number => Date.parse(String(event["lastTimestamp"])) || 0;
  const last = events.sort((one, other) => time(one) - time(other)).at(-1);
  return last !== undefined && !AT_WORK.test(String(last["message"]));
}

async function removeClaim(
  place: ScratchPlace,
  claim: ClusterObject,
  onStep: (what: string) => void,
  limitMs: number,
): Promise<void> {
  const { client } = place;
  const { name, namespace, uid = "" } = claim.metadata;
  const reference = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name };
  const volume = (claim["spec"] as { readonly volumeName?: string } | undefined)?.volumeName;
  // The class may say Retain; then nobody would remove the volume after the claim.
  if (volume !== undefined) {
    await removeVolume(client, volume, uid, onStep);
  }
  onStep(`delete ${describeObject(reference)}`);
  await client.delete(reference, uid);
  await untilGone(client, reference, limitMs);
  if (volume !== undefined) {
    await untilGone(client, volumeReference(volume), limitMs);
    return;
  }
  const end = Date.now() + LATE_VOLUME_MS;
  do {
    await pause(POLL_MS * 2);
    if ((await cleanVolumes(place, new Set([uid]), { onStep, limitMs })).length > 0) {
      return;
    }
  } while (Date.now() < end);
}

/** Lets the cluster remove the volume with its claim, if it is the volume of just this claim. */
async function removeVolume(
  client: ClusterClient,
  name: string,
  uid: string,
  onStep: (what: string) => void,
): Promise<void> {
  const reference = volumeReference(name);
  const live = await client.get(reference);
  if (live === undefined || uid === "" || claimUid(live) !== uid) {
    return;
  }
  onStep(`release ${describeObject(reference)}`);
  await client.modify(reference, FIELD_MANAGER, (volume) =>
    claimUid(volume) === uid
      ? {
          ...volume,
          spec: { ...(volume["spec"] as object), persistentVolumeReclaimPolicy: "Delete" },
        }
      : volume,
  );
}

/** Whoever changed the content's policy meanwhile: with Delete, the point's snapshot would go with it. */
async function keepTheStorages(
  { client }: ScratchPlace,
  reference: ObjectReference,
  content: ClusterObject,
  onStep: (what: string) => void,
): Promise<void> {
  const spec = content["spec"] as { readonly deletionPolicy?: string };
  if (spec.deletionPolicy !== "Retain") {
    onStep(`retain ${describeObject(reference)}`);
    await client.modify(reference, FIELD_MANAGER, (live) => ({
      ...live,
      spec: { ...(live["spec"] as object), deletionPolicy: "Retain" },
    }));
  }
}

function volumeReference(name: string): ObjectReference {
  return { apiVersion: "v1", kind: "PersistentVolume", name };
}

function claimUid(volume: ClusterObject): string | undefined {
  return (volume["spec"] as { readonly claimRef?: { readonly uid?: string } } | undefined)?.claimRef
    ?.uid;
}

async function untilGone(
  client: ClusterClient,
  reference: ObjectReference,
  limitMs: number,
): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    const live = await client.get(reference);
    if (live === undefined) {
      return;
    }
    if (Date.now() >= end) {
      const finalizers = (live.metadata["finalizers"] as readonly string[] | undefined) ?? [];
      const held = finalizers.length === 0 ? "" : `; it is held by ${finalizers.join(", ")}`;
      throw new ScratchError(
        `${describeObject(reference)} is still there after ${Math.round(limitMs / 1000)} s${held}. ` +
          "The next verification of the point goes on from there.",
      );
    }
    await pause(POLL_MS);
  }
}
