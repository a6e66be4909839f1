import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../clients/kubernetes/client";
import type { ClusterObject, ObjectReference } from "../clients/kubernetes/object";
import { describeObject, referenceOf } from "../clients/kubernetes/object";
import { mergeDeclared } from "./merge";
import type { Inputs } from "./resources";
import { waitUntilServed } from "./served";
import { isPatch, objectId, record, referenceFrom, text } from "./resources";

/**
 * The name under which the real engine's provider creates objects: what the lab's executor made, that engine can then
 * change without a conflict over fields, and the other way round.
 */
export const FIELD_MANAGER = "pulumi-kubernetes";

/** Objects with finalizers end when their controller has seen them; longer means that it does not run. */
const DELETION_TIMEOUT_MS = 30_000;

/** A declared or recorded Kubernetes resource. */
export interface ObjectSubject {
  readonly type: string;
  readonly inputs: Inputs;
}

/** @returns the provider's id */
export async function createObject(
  client: ClusterClient,
  { inputs }: ObjectSubject,
): Promise<string> {
  const created = await client.create(inputs as unknown as ClusterObject, FIELD_MANAGER);
  await waitUntilServed(client, inputs);
  return objectId(referenceOf(created));
}

/** @returns the provider's id */
export async function updateObject(
  client: ClusterClient,
  { type, inputs }: ObjectSubject,
  recorded: Inputs | undefined,
): Promise<string> {
  const reference = referenceFrom(inputs);
  if (isPatch(type, inputs)) {
    const object = inputs as unknown as ClusterObject;
    await client.apply(object, patchManager(inputs), { force: true });
    return objectId(reference);
  }
  const changed = await client.modify(reference, FIELD_MANAGER, (live) =>
    mergeDeclared(live, inputs, recorded),
  );
  if (changed === undefined) {
    throw new Error(
      `${describeObject(reference)} went away while it was being updated; run the command again.`,
    );
  }
  return objectId(reference);
}

/** Removes the object, or gives up the fields of a patch. Returns when it is gone. */
export async function deleteObject(
  client: ClusterClient,
  { type, inputs }: ObjectSubject,
): Promise<void> {
  const reference = referenceFrom(inputs);
  if (isPatch(type, inputs)) {
    const { apiVersion, kind, name, namespace } = reference;
    const metadata = namespace === undefined ? { name } : { name, namespace };
    // Server-side apply takes away what a manager no longer lists and nobody else owns.
    await client.apply({ apiVersion, kind, metadata }, patchManager(inputs), { force: true });
    return;
  }
  const live = await client.get(reference);
  if (live !== undefined) {
    await client.delete(reference, live.metadata.uid);
    await waitUntilGone(client, reference, live.metadata.uid);
  }
}

async function waitUntilGone(
  client: ClusterClient,
  reference: ObjectReference,
  uid: string | undefined,
): Promise<void> {
  const end = Date.now() + DELETION_TIMEOUT_MS;
  for (;;) {
    const live = await client.get(reference);
    if (live === undefined || live.metadata.uid !== uid) {
      return;
    }
    if (Date.now() >= end) {
      const finalizers = (live.metadata["finalizers"] as readonly string[] | undefined) ?? [];
      throw new Error(
        `${describeObject(reference)} is still there ${DELETION_TIMEOUT_MS / 1000} s after its removal: it waits for ` +
          `${finalizers.join(", ")}.`,
      );
    }
    await pause(100);
  }
}

/** The annotation by which the provider is told its field manager. */
function patchManager(inputs: Inputs): string {
  const annotations = record(record(inputs["metadata"])["annotations"]);
  const named = text(annotations["pulumi.com/patchFieldManager"]);
  return named === "" ? FIELD_MANAGER : named;
}
