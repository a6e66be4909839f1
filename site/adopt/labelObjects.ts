import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { describeObject } from "../../clients/kubernetes/object";
import type { DesiredState } from "../../engine/program/desiredState";
import { referenceFrom } from "../../drift/resources";

/** The engine's provider: with its own manager there is no conflict over a field that changes later. */
const FIELD_MANAGER = "pulumi-kubernetes";

/** An object is not as it was when it was compared; objects before it have their labels, and that can be repeated. */
class LabelError extends Error {
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
  const managedFields = takeFields(live.metadata["managedFields"]);
  return {
    ...live,
    metadata: {
      ...live.metadata,
      ...(managedFields === undefined ? {} : { managedFields }),
      labels: { ...found, ...missing },
    },
  };
}

type Fields = Readonly<Record<string, unknown>>;

/** One entry of `metadata.managedFields`: who wrote which fields. */
interface FieldOwner {
  readonly apiVersion?: string;
  readonly subresource?: string;
  readonly fieldsV1?: Fields;
}

/**
 * The object's fields under our provider's manager. Left with the tool that applied them (server-side), they would be a
 * conflict for the engine at the next change of one of them: tried with a class that another manager had applied. A tool
 * that still applies the object claims them again, and that shows.
 */
function takeFields(entries: unknown): readonly object[] | undefined {
  if (!Array.isArray(entries)) {
    return undefined;
  }
  const owners = entries as readonly FieldOwner[];
  const written = owners.filter(({ subresource }) => (subresource ?? "") === "");
  const [first] = written;
  return first === undefined
    ? owners
    : [
        {
          manager: FIELD_MANAGER,
          operation: "Update",
          apiVersion: first.apiVersion,
          fieldsType: "FieldsV1",
          fieldsV1: written.map(({ fieldsV1 = {} }) => fieldsV1).reduce(union),
        },
        ...owners.filter((owner) => !written.includes(owner)),
      ];
}

/** Sets of fields are nested maps, so that their union is one map of both, at every depth. */
function union(left: Fields, right: Fields): Fields {
  const merged: Record<string, unknown> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    merged[key] = union((left[key] as Fields | undefined) ?? {}, value as Fields);
  }
  return merged;
}
