import type { ClusterClient } from "../../cluster/client";
import type { ClusterObject } from "../../cluster/object";
import { describeObject } from "../../cluster/object";
import type { DesiredState } from "../../host/desiredState";
import { FIELD_MANAGER } from "../deploy/executeObject";
import { referenceFrom } from "../deploy/resources";

/** An object is not as it was when it was compared; objects before it have their labels, and that can be repeated. */
export class LabelError extends Error {
  override readonly name = "LabelError";
}

/**
 * Puts owner labels on live objects, and changes nothing else. Killed anywhere and run again it goes on: a label that
 * is there with its value is left alone.
 *
 * @param labels missing labels by URN
 * @throws LabelError when somebody put another value there, or the object is gone
 */
export async function labelObjects(
  client: ClusterClient,
  { registrations }: DesiredState,
  labels: ReadonlyMap<string, Readonly<Record<string, string>>>,
): Promise<void> {
  for (const [urn, missing] of labels) {
    const declared = registrations.find((registration) => registration.urn === urn);
    if (declared !== undefined) {
      const reference = referenceFrom(declared.inputs);
      const object = describeObject(reference);
      const labelled = await client.modify(reference, FIELD_MANAGER, (live) =>
        withLabels(live, missing, object),
      );
      if (labelled === undefined) {
        throw new LabelError(`${object} went away meanwhile; run the command again.`);
      }
    }
  }
}

function withLabels(
  live: ClusterObject,
  missing: Readonly<Record<string, string>>,
  object: string,
): ClusterObject {
  const found = live.metadata.labels ?? {};
  const taken = Object.entries(missing).find(
    ([key, value]) => found[key] !== undefined && found[key] !== value,
  );
  if (taken !== undefined) {
    throw new LabelError(
      `${object} was given the label ${taken[0]}=${found[taken[0]] ?? ""} meanwhile; run the command again.`,
    );
  }
  return { ...live, metadata: { ...live.metadata, labels: { ...found, ...missing } } };
}
