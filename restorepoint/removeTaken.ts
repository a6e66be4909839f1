import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../clients/kubernetes/object";
import { describeObject } from "../clients/kubernetes/object";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Progress } from "../clients/reporter";
import type { TakenContent, TakeLeftovers } from "./findTaken";
import { explain } from "./take/judge";
import { requireGoingOn } from "./take/takeError";

/** Something that was taken could not be removed; running again goes on from there. */
export class RemovalError extends Error {
  override readonly name = "RemovalError";
}

export interface RemovalOptions {
  readonly client: ClusterClient;
  /** Needed where VM snapshots are among the remains. */
  readonly vcenter: VcenterClient | undefined;
  readonly apiTimeoutMinutes: number;
  readonly progress: Progress;
  /** Called before each removal; tests end the process from it. */
  readonly onStep?: (what: string) => void;
  /** Limit for what Kubernetes removes by itself, in milliseconds; default 5 minutes. */
  readonly limitMs?: number;
  /** Abandons the wait for that. */
  readonly signal?: AbortSignal | undefined;
}

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";
const FIELD_MANAGER = "atom-backup";
const LIMIT_MS = 5 * 60_000;

/** By it the sidecar knows that the content's snapshot is to be removed with it. */
const BEING_DELETED = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted";
/** The same for the content of a group, with which the storage's snapshots of all its members go. */
const GROUP_BEING_DELETED = "groupsnapshot.storage.kubernetes.io/volumegroupsnapshot-being-deleted";

/**
 * Removes what was taken for a point, VM snapshots first (they may hold the disks of the volumes), one at a time. Contents
 * are told to take the storage's snapshot with them before their VolumeSnapshot goes: a Retain that is left would keep
 * it for nobody. Repeatable from anywhere.
 *
 * @throws RemovalError naming what does not go
 */
export async function removeTaken(
  leftovers: TakeLeftovers,
  options: RemovalOptions,
): Promise<void> {
  const { client, progress, onStep = () => {} } = options;
  const total = leftovers.vms.length + leftovers.groups.length + leftovers.snapshots.length;
  let done = 0;
  const next = (text: string): void => {
    progress.update({ done: done++, total, text });
    onStep(text);
  };
  for (const { vm, snapshot } of leftovers.vms) {
    next(`VM snapshot ${snapshot} of ${vm}`);
    await required(options.vcenter).removeSnapshot(snapshot, {
      timeoutMs: options.apiTimeoutMinutes * 60_000,
    });
  }
  onStep("deletion policies");
  await inBatches(leftovers.contents, ({ name }) => deleteWithContent(client, name));
  for (const group of leftovers.groups) {
    onStep(describeObject(group));
    await deleteGroupContent(client, group);
    next(describeObject(group));
    await client.delete(group, undefined);
  }
  await inBatches(leftovers.snapshots, async (snapshot) => {
    next(describeObject(snapshot));
    await client.delete(snapshot, undefined);
  });
  for (const content of leftovers.groupContents ?? []) {
    onStep(describeObject(content));
    await deleteAlone(client, content, GROUP_BEING_DELETED);
  }
  onStep("contents without a snapshot");
  const alone = leftovers.contents.filter((content) => !hasSnapshot(content, leftovers));
  await inBatches(alone, ({ name }) => deleteAlone(client, contentReference(name), BEING_DELETED));
  await waitUntilGone(leftovers, options);
  progress.update({ done: total, total });
}

/** Requests in flight at once. */
const BATCH = 32;

async function inBatches<T>(
  items: readonly T[],
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  for (let start = 0; start < items.length; start += BATCH) {
    await Promise.all(items.slice(start, start + BATCH).map(work));
  }
}

function hasSnapshot({ snapshot, ofGroup }: TakenContent, { snapshots }: TakeLeftovers): boolean {
  return (
    ofGroup || snapshots.some(({ namespace, name }) => `${namespace ?? ""}/${name}` === snapshot)
  );
}

function contentReference(name: string): ObjectReference {
  return { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent", name };
}

async function deleteWithContent(client: ClusterClient, name: string): Promise<void> {
  await client.modify(contentReference(name), FIELD_MANAGER, withPolicy);
}

function withPolicy(live: ClusterObject): ClusterObject {
  return { ...live, spec: { ...(live["spec"] as object), deletionPolicy: "Delete" } };
}

/** The group's own content holds the policy of all its members. */
async function deleteGroupContent(client: ClusterClient, group: ObjectReference): Promise<void> {
  const live = await client.get(group);
  const status = live?.["status"] as
    { readonly boundVolumeGroupSnapshotContentName?: string } | undefined;
  const name = status?.boundVolumeGroupSnapshotContentName;
  if (name !== undefined) {
    const { apiVersion } = group;
    const reference = { apiVersion, kind: "VolumeGroupSnapshotContent", name };
    await client.modify(reference, FIELD_MANAGER, withPolicy);
  }
}

/** Removes a content that no snapshot object leads to any more, and with it what the storage has. */
async function deleteAlone(
  client: ClusterClient,
  reference: ObjectReference,
  annotation: string,
): Promise<void> {
  const live = await client.modify(reference, FIELD_MANAGER, (content) => ({
    ...withPolicy(content),
    metadata: {
      ...content.metadata,
      annotations: { ...content.metadata.annotations, [annotation]: "yes" },
    },
  }));
  if (live !== undefined) {
    await client.delete(reference, live.metadata.uid);
  }
}

async function waitUntilGone(
  { groups, groupContents = [], snapshots, contents }: TakeLeftovers,
  { client, progress, limitMs = LIMIT_MS, signal }: RemovalOptions,
): Promise<void> {
  const end = Date.now() + limitMs;
  let ask = Date.now() + ASK_EVERY_MS;
  let left: readonly ObjectReference[] = [
    ...groups,
    ...groupContents,
    ...snapshots,
    ...contents.map(({ name }) => contentReference(name)),
  ];
  for (;;) {
    const live = await stillThere(client, left);
    if (live.length === 0) {
      return;
    }
    left = live.map(({ reference }) => reference);
    if (Date.now() >= end) {
      throw new RemovalError(
        `Not gone after ${Math.round(limitMs / 1000)} s: ${live.map(waitText).join("; ")}. Mend what is said there, and run ` +
          "the command again: it goes on from here.",
      );
    }
    requireGoingOn(signal);
    progress.update({ text: `${live.length} are being removed` });
    if (Date.now() >= ask) {
      ask = Date.now() + ASK_EVERY_MS;
      await inBatches(left.filter(isContent), (reference) => askAgain(client, reference));
    }
    await pause(200, undefined, { signal }).catch(() => undefined);
  }
}

/** How often a controller is made to look again at what does not go, in milliseconds. */
const ASK_EVERY_MS = 5000;

const ASKED_AGAIN = "atom-backup/asked-again";

function isContent({ kind }: ObjectReference): boolean {
  return kind === "VolumeSnapshotContent";
}

/**
 * Changes a content that is being deleted, so that its sidecar looks at it: one whose snapshot had failed and then succeeded
 * during its deletion is otherwise not looked at before the sidecar's resync, a quarter of an hour later. And a sidecar that
 * asks the driver once more for a snapshot that is not ready replaces all annotations by those it had read, so that the mark
 * of the deletion is lost and the content stays for good (`setAnnVolumeSnapshotBeingCreated` of csi-snapshotter 8.7).
 */
async function askAgain(client: ClusterClient, reference: ObjectReference): Promise<void> {
  await client.modify(reference, FIELD_MANAGER, (live) =>
    live.metadata.deletionTimestamp === undefined
      ? live
      : {
          ...live,
          metadata: {
            ...live.metadata,
            annotations: {
              ...live.metadata.annotations,
              [BEING_DELETED]: "yes",
              [ASKED_AGAIN]: new Date().toISOString(),
            },
          },
        },
  );
}

async function stillThere(
  client: ClusterClient,
  references: readonly ObjectReference[],
): Promise<{ readonly reference: ObjectReference; readonly object: ClusterObject }[]> {
  const found: { reference: ObjectReference; object: ClusterObject }[] = [];
  await inBatches(references, async (reference) => {
    const object = await client.get(reference);
    if (object !== undefined) {
      found.push({ reference, object });
    }
  });
  return found;
}

/** What an object waits for: the driver, the object that it goes with, or who holds it. */
function waitText({
  reference,
  object,
}: {
  readonly reference: ObjectReference;
  readonly object: ClusterObject;
}): string {
  const { finalizers = [] } = object.metadata as { readonly finalizers?: readonly string[] };
  const status = (object["status"] ?? {}) as {
    readonly error?: { readonly message?: string };
    readonly boundVolumeSnapshotContentName?: string;
    readonly boundVolumeGroupSnapshotContentName?: string;
    readonly snapshotHandle?: string;
    readonly volumeGroupSnapshotHandle?: string;
  };
  const { error, boundVolumeSnapshotContentName: single } = status;
  const handle = status.snapshotHandle ?? status.volumeGroupSnapshotHandle;
  const content = single ?? status.boundVolumeGroupSnapshotContentName;
  const why =
    error?.message !== undefined
      ? explain(error.message).text
      : content !== undefined
        ? `it waits for ${reference.kind}Content ${content}`
        : handle !== undefined
          ? // Of a deletion the sidecar writes the driver's answer into its log alone.
            `the storage driver has not removed ${handle}; why, the log of its csi-snapshotter says`
          : finalizers.length > 0
            ? `it is held by ${finalizers.join(", ")}`
            : "nobody says why";
  return `${describeObject(reference)}: ${why}`;
}

function required(vcenter: VcenterClient | undefined): VcenterClient {
  if (vcenter === undefined) {
    throw new RemovalError("The point holds VM snapshots, and vCenter was not opened.");
  }
  return vcenter;
}
