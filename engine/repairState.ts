import { EngineFailure } from "./failure";
import type { StateDocument, StateEntry } from "./stateDocument";
import { entriesOf } from "./stateDocument";

/** What has to change in the engine's state before it can refresh and deploy. Nothing live is touched by it. */
export interface StateRepair {
  /** URNs of entries whose object is gone for good; they leave the state. */
  readonly drop: readonly string[];
  /** Entries of objects that live but are not in the state; parents and providers first. */
  readonly add: readonly StateEntry[];
  /**
   * Whether to forget creations that a killed run left pending. True only when the live systems were read, so that
   * what such a creation left behind is among `add`.
   */
  readonly forgetPendingCreations: boolean;
}

export const noRepair: StateRepair = { drop: [], add: [], forgetPendingCreations: false };

/** Whether the repair would change the document. */
export function isNeeded(document: StateDocument, repair: StateRepair): boolean {
  const pending = document.deployment.pending_operations ?? [];
  return (
    repair.drop.length > 0 ||
    repair.add.length > 0 ||
    (repair.forgetPendingCreations && pending.some(({ type }) => type === "creating"))
  );
}

/**
 * The document after the repair; the given one is left alone.
 *
 * @throws EngineFailure when an entry to drop still has children, an entry to add is there already, or refers to a
 *   parent, provider or dependency that is not: the engine would refuse such a state.
 */
export function repairState(document: StateDocument, repair: StateRepair): StateDocument {
  const dropped = new Set(repair.drop);
  const kept = entriesOf(document)
    .filter(({ urn }) => !dropped.has(urn))
    .map((entry) => withoutReferences(entry, dropped));
  const resources = repair.add.reduce(added, kept);
  const pending = (document.deployment.pending_operations ?? []).filter(
    ({ type, resource }) =>
      !dropped.has(resource.urn) && !(repair.forgetPendingCreations && type === "creating"),
  );
  return {
    ...document,
    deployment: { ...document.deployment, resources, pending_operations: pending },
  };
}

function withoutReferences(entry: StateEntry, dropped: ReadonlySet<string>): StateEntry {
  if (entry.parent !== undefined && dropped.has(entry.parent)) {
    throw new EngineFailure(
      "failed",
      `${entry.parent} cannot leave the state: it is the parent of ${entry.urn}.`,
    );
  }
  const stays = (urn: string): boolean => !dropped.has(urn);
  const { dependencies, propertyDependencies, deletedWith, ...rest } = entry;
  return {
    ...rest,
    ...(dependencies === undefined ? {} : { dependencies: dependencies.filter(stays) }),
    ...(propertyDependencies === undefined
      ? {}
      : {
          propertyDependencies: Object.fromEntries(
            Object.entries(propertyDependencies).map(([key, urns]) => [
              key,
              urns?.filter(stays) ?? null,
            ]),
          ),
        }),
    ...(deletedWith === undefined || dropped.has(deletedWith) ? {} : { deletedWith }),
  };
}

function added(entries: readonly StateEntry[], entry: StateEntry): readonly StateEntry[] {
  const known = new Set(entries.map(({ urn }) => urn));
  if (known.has(entry.urn)) {
    throw new EngineFailure(
      "failed",
      `${entry.urn} is in the state already and cannot be added again.`,
    );
  }
  const provider = entry.provider?.slice(0, entry.provider.lastIndexOf("::"));
  const needed = [entry.parent, provider, ...(entry.dependencies ?? [])];
  const missing = needed.filter((urn) => urn !== undefined && !known.has(urn));
  if (missing.length > 0) {
    const message = `${entry.urn} cannot be added to the state: it needs ${missing.join(", ")}, which is not there.`;
    throw new EngineFailure("failed", message);
  }
  return [...entries, entry];
}
