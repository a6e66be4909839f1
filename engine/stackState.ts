import type { PlainValue } from "./program/desiredState";
import type { StateDocument } from "./stateDocument";
import { plainValues } from "./program/plainValue";
import { entriesOf, isProvider } from "./stateDocument";

/** A resource that the stack's state records; components and providers are none. */
export interface StackResource {
  readonly urn: string;
  readonly type: string;
  /** Provider's id: `[namespace/]name` for Kubernetes objects, the snapshot's reference for VM snapshots. */
  readonly id: string;
  /** Inputs of the last deployment; a secret stands as a mark. */
  readonly inputs: Readonly<Record<string, PlainValue>>;
  readonly protect: boolean;
  /** Whether dropping it from the program leaves the live object alone; absent: it does not. */
  readonly retainOnDelete?: boolean;
}

/** What the engine recorded of a stack. */
export interface StackState {
  /** In the order in which they were made. */
  readonly resources: readonly StackResource[];
  /** URNs of creations that a killed run left behind: whether the object was made is not known. */
  readonly pendingCreations: readonly string[];
}

/** @param document undefined for a stack that was never deployed */
export function stackState(document: StateDocument | undefined): StackState {
  if (document === undefined) {
    return { resources: [], pendingCreations: [] };
  }
  return {
    resources: entriesOf(document)
      .filter(
        ({ custom, type, delete: old, external }) =>
          custom && !isProvider(type) && old !== true && external !== true,
      )
      .map((entry): StackResource => ({
        urn: entry.urn,
        type: entry.type,
        id: entry.id ?? "",
        inputs: plainValues(entry.inputs ?? {}).values,
        protect: entry.protect ?? false,
        ...(entry.retainOnDelete === true ? { retainOnDelete: true } : {}),
      })),
    pendingCreations: (document.deployment.pending_operations ?? [])
      .filter(({ type }) => type === "creating")
      .map(({ resource }) => resource.urn),
  };
}
