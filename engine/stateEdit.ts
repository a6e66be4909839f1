import type { DesiredState, Registration } from "./program/desiredState";
import { EngineFailure } from "./failure";
import type { StateDocument, StateEntry } from "./stateDocument";
import { entriesOf } from "./stateDocument";

/** A change of the stack's state that touches nothing live. */
export interface StateEdit {
  /** URNs of entries to remove; those that are not there are no error. */
  readonly remove?: readonly string[];
  /** References of VM snapshots that live, by the URN of their declaration; those that are recorded are no error. */
  readonly importVmSnapshots?: ReadonlyMap<string, string>;
  /** Forget creations that a killed run left pending; only when the live systems were read after that run. */
  readonly forgetPendingCreations?: boolean;
}

/**
 * The document after the edit: the given one itself where nothing changes.
 *
 * @throws EngineFailure when an entry to remove is the parent of one that stays, or a VM snapshot's provider or component
 *   is not in the state: the engine would refuse such a state
 */
export function editState(
  document: StateDocument,
  desired: DesiredState,
  { remove = [], importVmSnapshots = new Map(), forgetPendingCreations = false }: StateEdit,
): StateDocument {
  const there = new Map(entriesOf(document).map((entry) => [entry.urn, entry]));
  const removed = new Set(remove.filter((urn) => there.has(urn)));
  const added = [...importVmSnapshots].filter(([urn]) => !there.has(urn));
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
  // In the order of the program, so that what a snapshot comes after stands before it.
  const order = new Map(desired.registrations.map(({ urn }, index) => [urn, index]));
  const entries = added
    .sort(([left], [right]) => (order.get(left) ?? 0) - (order.get(right) ?? 0))
    .reduce<readonly StateEntry[]>(
      (resources, [urn, id]) => [...resources, entryOf(desired, urn, id, resources)],
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

/** The entry of a declared VM snapshot, as the engine would have written it after taking it. */
function entryOf(
  desired: DesiredState,
  urn: string,
  id: string,
  resources: readonly StateEntry[],
): StateEntry {
  const known = new Map(resources.map((entry) => [entry.urn, entry]));
  const declared = desired.registrations.find((candidate) => candidate.urn === urn);
  if (declared === undefined || !declared.type.startsWith("vsphere:")) {
    throw new EngineFailure("failed", `${urn} cannot be imported: no VM snapshot is declared so.`);
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
    outputs: { ...inputs, id },
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
