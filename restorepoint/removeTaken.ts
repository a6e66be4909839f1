import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import {
  describeObject,
  field,
  fieldText,
  referenceOf,
  type ClusterObject,
  type ObjectReference,
} from "../clients/kubernetes/object";
import { FIELD_MANAGER } from "../clients/kubernetes/ownObjects";
import { inParallel } from "../clients/parallel";
import type { Progress } from "../clients/reporter";
import type { VcenterClient } from "../clients/vcenter/client";
import type { TaskWatch } from "../clients/vcenter/task";
import { waitFor } from "../clients/wait";
import { SNAPSHOT_API } from "../drift/volumeObjects";
import { contentsAlone, takenByMark, type TakenPoint, type TakeLeftovers } from "./findTaken";
import { readCluster } from "./liveSnapshots";
import { findVmSnapshot, vmsByMark } from "./presence";
import { explain } from "./take/judge";
import { requireGoingOn } from "./take/takeError";
import { annotated, contentOf, nudge } from "./take/watch";

export interface RemovalOptions {
  readonly client: ClusterClient;
  readonly progress: Progress;
  /** Called before each removal; tests end the process from it. */
  readonly onStep?: (what: string) => void;
  /** Limit for what Kubernetes removes by itself, in milliseconds; default 5 minutes. */
  readonly limitMs?: number | undefined;
  /** Abandons the wait for that. */
  readonly signal?: AbortSignal | undefined;
}

const LIMIT_MS = 5 * 60_000;

/** Requests in flight at once. */
const IN_FLIGHT = 32;

/** By it the sidecar knows that the content's snapshot is to be removed with it. */
export const BEING_DELETED = "snapshot.storage.kubernetes.io/volumesnapshot-being-deleted";
/** The same for the content of a group, with which the storage's snapshots of all its members go. */
const GROUP_BEING_DELETED = "groupsnapshot.storage.kubernetes.io/volumegroupsnapshot-being-deleted";

export interface UndoOptions extends RemovalOptions {
  /** Class that snapshots are taken with. */
  readonly className: string;
  /** Undefined where the point takes no VMs. */
  readonly vcenter: VcenterClient | undefined;
  /** Of the removal of one VM snapshot. */
  readonly taskLimit: TaskWatch;
  /** How long controllers get to come to an end with what they had begun, in milliseconds; default 1000. */
  readonly settleMs?: number;
}

/**
 * Looks, each after a removal. A controller may be about to make the content of a snapshot that is being deleted: with
 * the policy Retain nobody would ever remove it, and no point knows of it.
 */
const ROUNDS = 5;

/**
 * Removes everything that was taken for a point, also what comes into being meanwhile, and looks that nothing is left. VM
 * snapshots go first, one at a time: they may hold the disks of the volumes. Repeatable after a kill at any moment; touches
 * nothing without our mark.
 *
 * @throws Error naming what does not go
 */
export async function undoTake(point: TakenPoint, options: UndoOptions): Promise<void> {
  const { client, vcenter, className, taskLimit, progress, onStep, settleMs = 1000 } = options;
  for (let round = 0; round < ROUNDS; round += 1) {
    const [live, vms = []] = await Promise.all([readCluster(client), vcenter?.vms()]);
    const leftovers = takenByMark(live, point, className);
    const found = vmsByMark(point, vms).map((one) => findVmSnapshot(one, point, vms));
    const taken = found.filter((one) => one.state === "found");
    if (
      [taken, ...Object.values(leftovers)].every(({ length }: readonly unknown[]) => length === 0)
    ) {
      return;
    }
    for (const { vm, snapshot } of taken) {
      const text = `VM snapshot ${snapshot.reference} of ${vm.name}`;
      progress.update({ text });
      onStep?.(text);
      await vcenter?.removeSnapshot(snapshot.reference, taskLimit);
    }
    await removeTaken(leftovers, options);
    await pause(settleMs);
  }
  throw new Error(
    `Snapshots of restore point ${point.name} come into being faster than they are removed; another run is at work. ` +
      "Run the command again when it has ended.",
  );
}

/**
 * Removes what the cluster has of a point. Contents are told to take the storage's snapshot with them before their
 * VolumeSnapshot goes: a Retain that is left would keep it for nobody. Repeatable from anywhere.
 *
 * @throws Error naming what does not go
 */
export async function removeTaken(
  leftovers: TakeLeftovers,
  options: RemovalOptions,
): Promise<void> {
  const { client, progress, onStep = () => {} } = options;
  const { groups, groupContents, snapshots, contents } = leftovers;
  const total = groups.length + snapshots.length;
  let done = 0;
  const next = (text: string): void => {
    progress.update({ done: done++, total, text });
    onStep(text);
  };
  onStep("deletion policies");
  await inParallel(contents, IN_FLIGHT, ({ name }) =>
    client.modify(volumeContent(name), FIELD_MANAGER, deletedToo),
  );
  for (const group of groups) {
    onStep(describeObject(group));
    const live = await client.get(group);
    // The group's own content holds the policy of all its members.
    const content = live && contentOf(live);
    if (content !== undefined) {
      await client.modify(content, FIELD_MANAGER, deletedToo);
    }
    next(describeObject(group));
    await client.delete(group, undefined);
  }
  await inParallel(snapshots, IN_FLIGHT, async (snapshot) => {
    next(describeObject(snapshot));
    await client.delete(snapshot, undefined);
  });
  for (const content of groupContents) {
    onStep(describeObject(content));
    await deleteAlone(client, content, GROUP_BEING_DELETED);
  }
  onStep("contents without a snapshot");
  await inParallel(contentsAlone(leftovers), IN_FLIGHT, ({ name }) =>
    deleteAlone(client, volumeContent(name), BEING_DELETED),
  );
  await waitUntilGone(leftovers, options);
  progress.update({ done: total, total });
}

function volumeContent(name: string): ObjectReference {
  return { apiVersion: SNAPSHOT_API, kind: "VolumeSnapshotContent", name };
}

function deletedToo(content: ClusterObject): ClusterObject {
  return { ...content, spec: { ...(content["spec"] as object), deletionPolicy: "Delete" } };
}

/** Removes a content that no snapshot object leads to any more, and with it what the storage has. */
async function deleteAlone(
  client: ClusterClient,
  reference: ObjectReference,
  annotation: string,
): Promise<void> {
  const live = await client.modify(reference, FIELD_MANAGER, (content) =>
    annotated(deletedToo(content), { [annotation]: "yes" }),
  );
  if (live !== undefined) {
    await client.delete(reference, live.metadata.uid);
  }
}

/** How often a controller is made to look again at what does not go, in milliseconds. */
const NUDGE_EVERY_MS = 5000;

/**
 * Waits for the controllers, and makes sidecars look again: at a content whose snapshot had failed and then succeeded
 * during its deletion they look only at their resync, a quarter of an hour later. And a sidecar that asks the driver once
 * more for a snapshot that is not ready replaces all annotations by those it had read, so that the mark of the deletion is
 * lost and the content stays for good (`setAnnVolumeSnapshotBeingCreated` of csi-snapshotter 8.7). The controller itself goes
 * by what it has cached: where a content still has the policy Retain there, it is not told to go with its snapshot.
 */
async function waitUntilGone(
  leftovers: TakeLeftovers,
  { client, progress, limitMs = LIMIT_MS, signal }: RemovalOptions,
): Promise<void> {
  let nudgeAt = Date.now() + NUDGE_EVERY_MS;
  let left: readonly ClusterObject[] = [];
  let asked: readonly ObjectReference[] = [
    ...[...leftovers.groups, ...leftovers.groupContents, ...leftovers.snapshots],
    ...leftovers.contents.map(({ name }) => volumeContent(name)),
  ];
  const look = async (): Promise<true | undefined> => {
    requireGoingOn(signal);
    const found = await inParallel(asked, IN_FLIGHT, async (reference) => ({
      reference,
      object: await client.get(reference),
    }));
    left = found.flatMap(({ object }) => object ?? []);
    asked = found.flatMap(({ reference, object }) => (object === undefined ? [] : [reference]));
    progress.update({ text: `${left.length} are being removed` });
    if (Date.now() >= nudgeAt) {
      nudgeAt = Date.now() + NUDGE_EVERY_MS;
      const ofKind = (wanted: string): readonly ClusterObject[] =>
        left.filter(({ kind }) => kind === wanted);
      const snapshots = ofKind("VolumeSnapshot").map(referenceOf);
      const alone = new Set(contentsAlone({ ...leftovers, snapshots }).map(({ name }) => name));
      await inParallel(ofKind("VolumeSnapshotContent"), IN_FLIGHT, async (content) => {
        const { name, deletionTimestamp } = content.metadata;
        if (deletionTimestamp !== undefined) {
          await nudge(client, referenceOf(content), { [BEING_DELETED]: "yes" });
        } else if (alone.has(name)) {
          await deleteAlone(client, referenceOf(content), BEING_DELETED);
        }
      });
    }
    return left.length === 0 || undefined;
  };
  if ((await waitFor(look, { timeoutMs: limitMs, pauseMs: 200 })) === undefined) {
    throw new Error(
      `Not gone after ${Math.round(limitMs / 1000)} s: ${left.map(waitText).join("; ")}. Mend what is said there, and run ` +
        "the command again: it goes on from here.",
    );
  }
}

/** What an object waits for: the driver, the object that it goes with, or who holds it. */
function waitText(object: ClusterObject): string {
  const error = fieldText(object, "status", "error", "message");
  const content = contentOf(object);
  const handle =
    fieldText(object, "status", "snapshotHandle") ||
    fieldText(object, "status", "volumeGroupSnapshotHandle");
  const finalizers = (field(object, "metadata", "finalizers") ?? []) as readonly string[];
  const why =
    error !== ""
      ? explain(error).text
      : content !== undefined
        ? `it waits for ${describeObject(content)}`
        : handle !== ""
          ? // Of a deletion the sidecar writes the driver's answer into its log alone.
            `the storage driver has not removed ${handle}; why, the log of its csi-snapshotter says`
          : finalizers.length > 0
            ? `it is held by ${finalizers.join(", ")}`
            : "nobody says why";
  return `${describeObject(referenceOf(object))}: ${why}`;
}
