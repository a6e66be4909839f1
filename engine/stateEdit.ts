import type { Registration } from "./program/desiredState";
import { EngineFailure } from "./failure";
import type { StateDocument, StateEntry } from "./stateDocument";
import { entriesOf } from "./stateDocument";

/** A change of the stack's state that touches nothing live. */
export interface StateEdit {
  /** URNs of entries to remove; those that are not there are no error. */
  readonly remove?: readonly string[];
  /** Ids of live objects by the URN of their declaration; those that are recorded are no error. */
  readonly imports?: ReadonlyMap<string, string>;
  /** Forget creations that a killed run left pending; only when the live systems were read after that run. */
  readonly forgetPendingCreations?: boolean;
}

/**
 * The document after the edit: the given one itself where nothing changes.
 *
 * @throws EngineFailure when an entry to remove is the parent of one that stays, or the provider or component
 *   of an import is not in the state: the engine would refuse such a state
 */
export function editState(
  document: StateDocument,
  registrations: readonly Registration[],
  { remove = [], imports = new Map(), forgetPendingCreations = false }: StateEdit,
): StateDocument {
  const there = new Map(entriesOf(document).map((entry) => [entry.urn, entry]));
  const removed = new Set(remove.filter((urn) => there.has(urn)));
  const added = [...imports].filter(([urn]) => !there.has(urn));
  const pending = document.deployment.pending_operations ?? [];
  const kept = pending.filter(
    ({ type, resource }) =>
      !removed.has(resource.urn) && !(forgetPendingCreations && type === "creating"),
  );
  if (removed.size === 0 && added.length === 0 && kept.length === pending.length) {
    return document;
  }
  const stays = entriesOf(document)
    .filter(({ urn }) => !removed.has(urn))
    .map((entry) => withoutReferences(entry, removed));
  // In the order of the program, so that what an object comes after stands before it.
  const order = new Map(registrations.map(({ urn }, index) => [urn, index]));
  const entries = added
    .sort(([left], [right]) => (order.get(left) ?? 0) - (order.get(right) ?? 0))
    .reduce<readonly StateEntry[]>(
      (resources, [urn, id]) => [...resources, entryOf(registrations, urn, id, resources)],
      stays,
    );
  return {
    ...document,
    deployment: { ...document.deployment, resources: entries, pending_operations: kept },
  };
}

function withoutReferences(entry: StateEntry, removed: ReadonlySet<string>): StateEntry {
  if (entry.parent !== undefined && removed.has(entry.parent)) {
    throw new EngineFailure(
      "failed",
      `${entry.parent} cannot leave the state: it is the parent of ${entry.urn}.`,
    );
  }
  const { dependencies, propertyDependencies, deletedWith, ...rest } = entry;
  const stay = (urns: readonly string[]): string[] => urns.filter((urn) => !removed.has(urn));
  return {
    ...rest,
    ...(dependencies === undefined ? {} : { dependencies: stay(dependencies) }),
    ...(propertyDependencies === undefined
      ? {}
      : {
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies).map(([key, urns]) => [key, stay(urns ?? [])]),
          ),
        }),
    ...(deletedWith === undefined || removed.has(deletedWith) ? {} : { deletedWith }),
  };
}

/**
 * The entry of a declared object, as the engine would have written it after making it. The `import` option of the engine is
 * no way: the Kubernetes provider imports an object with empty inputs, and the next deployment would replace the class.
 */
function entryOf(
  registrations: readonly Registration[],
  urn: string,
  id: string,
  resources: readonly StateEntry[],
): StateEntry {
  const known = new Map(resources.map((entry) => [entry.urn, entry]));
  const declared = registrations.find((candidate) => candidate.urn === urn);
  if (declared === undefined || !declared.custom || declared.secretInputs.length > 0) {
    throw new EngineFailure(
      "failed",
      `${urn} cannot be imported: no object without secrets is declared so.`,
    );
  }
  const { type, inputs, parent, provider } = declared;
  const providerId = known.get(provider ?? "")?.id;
  if (providerId === undefined || (parent !== undefined && !known.has(parent))) {
    throw new EngineFailure(
      "failed",
      `${urn} cannot be imported: its provider ${provider ?? ""} or its component ${parent ?? ""} is not in the state.`,
    );
  }
  return {
    urn,
    custom: true,
    id,
    type,
    inputs,
    outputs: outputsOf(type, inputs, id),
    ...(parent === undefined ? {} : { parent }),
    dependencies: declared.dependsOn.filter((dependency) => known.has(dependency)),
    provider: `${provider ?? ""}::${providerId}`,
    ...lasting(declared),
  };
}

function lasting({
  protect,
  retainOnDelete,
  ignoreChanges,
}: Registration): Pick<StateEntry, "protect" | "retainOnDelete" | "ignoreChanges"> {
  return { protect, retainOnDelete, ignoreChanges };
}

/** The Kubernetes provider compares the declared fields with `__inputs`; a refresh fills in the rest. */
function outputsOf(
  type: string,
  inputs: Registration["inputs"],
  id: string,
): Registration["inputs"] {
  return type.startsWith("kubernetes:")
    ? { ...inputs, __inputs: inputs, __initialApiVersion: inputs["apiVersion"] ?? "" }
    : { ...inputs, id };
}
