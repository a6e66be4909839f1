import type { ClusterClient } from "../../clients/kubernetes/client";
import {
  describeObject,
  field,
  type ClusterObject,
  type ObjectReference,
} from "../../clients/kubernetes/object";
import { removeJob } from "../jobs/job";
import { carries, FIELD_MANAGER, selectorOf } from "../../clients/kubernetes/ownObjects";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import type { Journal } from "../catalog/journal";
import { GROUP_API, listGroups, listServed, newestServed } from "../served";
import { scratchReferences } from "./scratchObjects";
import { cleanVolumes, removeClaim, ScratchError, untilGone } from "./scratchClaim";
import { verifyLabels } from "./scratchPlan";

/** Where a point's verification makes its objects. */
export interface ScratchPlace {
  readonly client: ClusterClient;
  readonly stack: string;
  readonly point: string;
  /** `site.cluster.namespace`. */
  readonly namespace: string;
}

export interface CleanOptions {
  /** Called before each change; tests end the process from it. */
  readonly onStep?: ((what: string) => void) | undefined;
  /** How long each object may take to go, in milliseconds; default 5 minutes. */
  readonly limitMs?: number | undefined;
}

const LIMIT_MS = 5 * 60_000;

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
  const own = async (reference: ObjectReference): Promise<ClusterObject | undefined> => {
    const live = await client.get(reference);
    if (live !== undefined && !carries(live, verifyLabels(place.stack, place.point))) {
      throw new ScratchError(
        `${describeObject(reference)} has the name that verifying ${place.point} needs and not our labels: it is not touched. ` +
          "Remove it, or set cluster.namespace to a namespace of our own.",
      );
    }
    return live;
  };
  if ((await own(of.job)) !== undefined) {
    onStep(`delete ${describeObject(of.job)}`);
    await removeJob(client, { namespace, name, graceSeconds: 5 });
  }
  if ((await own(of.claim)) !== undefined) {
    await removeClaim(client, of.claim, onStep, limitMs);
  }
  const groupApi = await newestServed(client, GROUP_API);
  const group =
    groupApi === undefined
      ? []
      : [{ apiVersion: groupApi, kind: "VolumeGroupSnapshotContent", name }];
  for (const reference of [of.content, ...group]) {
    const content = await own(reference);
    // Whoever changed the policy meanwhile: with Delete, the point's snapshot would go with it.
    if (content !== undefined && field(content, "spec", "deletionPolicy") !== "Retain") {
      onStep(`retain ${describeObject(reference)}`);
      await client.modify(reference, FIELD_MANAGER, (live) => ({
        ...live,
        spec: { ...(live["spec"] as object), deletionPolicy: "Retain" },
      }));
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
export async function letGo(
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

/** Entry that names a scratch claim: its volume may outlive it. */
export const CLAIM_STEP = "scratch claim";

/**
 * Removes all that verifications of a point have left, e.g. of a killed run, or before the point itself goes.
 *
 * @returns names of what was there
 */
export async function clearScratch(
  place: ScratchPlace,
  { record }: Pick<Journal, "record">,
  options: CleanOptions = {},
): Promise<readonly string[]> {
  const names = await findScratch(place);
  for (const name of names) {
    await cleanScratch(place, name, options);
  }
  const { onStep = () => {}, limitMs = LIMIT_MS } = options;
  const uids = record.journal.entries.flatMap(({ step, detail }) =>
    step === CLAIM_STEP && detail.uid !== undefined ? [detail.uid] : [],
  );
  return [...names, ...(await cleanVolumes(place.client, new Set(uids), onStep, limitMs))];
}

/**
 * Names of what verifications of a point have left, by their labels: what a killed run made is found whatever it wrote
 * down.
 */
async function findScratch(place: ScratchPlace): Promise<readonly string[]> {
  const { client, namespace } = place;
  const labelSelector = selectorOf(verifyLabels(place.stack, place.point));
  const lists = await Promise.all([
    listServed(client, "batch/v1", "Job", { namespace, labelSelector }),
    listServed(client, "v1", "PersistentVolumeClaim", { namespace, labelSelector }),
    listServed(client, SNAPSHOT_API, "VolumeSnapshot", { namespace, labelSelector }),
    listServed(client, SNAPSHOT_API, "VolumeSnapshotContent", { labelSelector }),
    listGroups(client, "VolumeGroupSnapshotContent", { labelSelector }),
  ]);
  return [...new Set(lists.flat().map(({ metadata }) => metadata.name))].sort();
}
