import type { ClusterClient } from "../../clients/kubernetes/client";
import {
  describeObject,
  field,
  fieldText,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { waitFor } from "../../clients/wait";

/** Something that was made for a verification does not go; the next run goes on from there. */
export class ScratchError extends Error {
  override readonly name = "ScratchError";
}

const POLL_MS = 100;

/**
 * How long a volume that was on its way when its claim was removed is waited for, in milliseconds. One that comes later
 * still is found by the next run, by the claim's UID in the ledger.
 */
const LATE_VOLUME_MS = 2_000;

/** Removes volumes whose scratch claim is gone: they came after it, or its removal was interrupted. */
export async function cleanVolumes(
  client: ClusterClient,
  claimUids: ReadonlySet<string>,
  onStep: (what: string) => void,
  limitMs: number,
): Promise<readonly string[]> {
  if (claimUids.size === 0) {
    return [];
  }
  const found = (await client.list("v1", "PersistentVolume")).filter((volume) =>
    claimUids.has(claimUid(volume)),
  );
  for (const volume of found) {
    await removeVolume(client, volume.metadata.name, claimUid(volume), onStep);
  }
  for (const { metadata } of found) {
    await untilGone(client, volumeReference(metadata.name), limitMs);
  }
  return found.map(({ metadata }) => metadata.name);
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
    const isBegun = claim?.metadata.annotations?.[PROVISIONER] !== undefined;
    return !isBegun || volumeOf(claim) !== "" || (await hasRefused(client, claim))
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

/** Removes a scratch claim with its volume. @throws ScratchError naming what does not go, or is still being made */
export async function removeClaim(
  client: ClusterClient,
  reference: ObjectReference,
  onStep: (what: string) => void,
  limitMs: number,
): Promise<void> {
  const claim = await driverEnded(client, reference, Math.min(DRIVER_MS, limitMs));
  if (claim === undefined) {
    return;
  }
  const { uid = "" } = claim.metadata;
  const volume = volumeOf(claim);
  // The class may say Retain; then nobody would remove the volume after the claim.
  if (volume !== "") {
    await removeVolume(client, volume, uid, onStep);
  }
  onStep(`delete ${describeObject(reference)}`);
  await client.delete(reference, uid);
  await untilGone(client, reference, limitMs);
  if (volume !== "") {
    await untilGone(client, volumeReference(volume), limitMs);
    return;
  }
  const late = async (): Promise<true | undefined> =>
    (await cleanVolumes(client, new Set([uid]), onStep, limitMs)).length > 0 || undefined;
  await waitFor(late, { timeoutMs: LATE_VOLUME_MS, pauseMs: POLL_MS * 2 });
}

/** Name of a claim's PersistentVolume; empty before it has one. */
function volumeOf(claim: ClusterObject): string {
  return fieldText(claim, "spec", "volumeName");
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

function volumeReference(name: string): ObjectReference {
  return { apiVersion: "v1", kind: "PersistentVolume", name };
}

function claimUid(volume: ClusterObject): string {
  return fieldText(volume, "spec", "claimRef", "uid");
}

export async function untilGone(
  client: ClusterClient,
  reference: ObjectReference,
  limitMs: number,
): Promise<void> {
  let live: ClusterObject | undefined;
  const gone = async (): Promise<true | undefined> => {
    live = await client.get(reference);
    return live === undefined || undefined;
  };
  if ((await waitFor(gone, { timeoutMs: limitMs, pauseMs: POLL_MS })) === undefined) {
    const finalizers = (live && field(live, "metadata", "finalizers")) as string[] | undefined;
    const held = finalizers === undefined ? "" : `; it is held by ${finalizers.join(", ")}`;
    throw new ScratchError(
      `${describeObject(reference)} is still there after ${Math.round(limitMs / 1000)} s${held}. ` +
        "The next verification of the point goes on from there.",
    );
  }
}
