import type { DesiredState } from "./program/desiredState";
import type { Step } from "../drift/types";
import { adoptionEntries, missingProviders } from "./adoptionEntries";
import type { Adoption } from "./adoptionEntries";
import type { StateRepair } from "./repairState";
import type { StateDocument } from "./stateDocument";
import { entriesOf } from "./stateDocument";

/** What the steps of a deployment ask of the engine's state before the engine can do the rest. */
export interface RepairPlan {
  readonly drop: readonly string[];
  readonly adopt: readonly Adoption[];
}

/**
 * Works out which entries leave and which join the state. The engine's own means do not suffice: it cannot refresh a
 * VM snapshot that is gone while another one of the machine remains, and has no import for one that is there.
 */
export function planRepair(document: StateDocument, steps: readonly Step[]): RepairPlan {
  const ids = new Map(
    entriesOf(document)
      .filter(({ custom, delete: old }) => custom && old !== true)
      .map(({ urn, id }) => [urn, id ?? ""]),
  );
  const forgotten = steps.filter(({ kind, urn }) => kind === "forget" && ids.has(urn));
  const adopted = steps.filter((step) => isAdopted(step, ids.get(step.urn)));
  const gone = steps.filter(
    ({ kind, urn, type }) => kind === "create" && type.startsWith("vsphere:") && ids.has(urn),
  );
  const replaced = adopted.filter(({ urn }) => ids.has(urn));
  return {
    drop: [...forgotten, ...gone, ...replaced].map(({ urn }) => urn),
    adopt: adopted.map(({ urn, id }) => ({ urn, id: id ?? "" })),
  };
}

/** It lives, and the state does not have it (or has another one under its name). */
function isAdopted({ kind, id, type }: Step, recorded: string | undefined): boolean {
  // Patches set fields of somebody else's object; the engine sets them (again) without any record.
  if (id === undefined || /^kubernetes:.*Patch$/.test(type)) {
    return false;
  }
  switch (kind) {
    case "adopt":
      return recorded !== id;
    case "same":
    case "differs":
    case "update":
    case "replace":
      return recorded === undefined;
    case "create":
    case "delete":
    case "forget":
    case "refuse":
    case "unknown":
      return false;
  }
}

/** Providers that have to be made by the engine before {@link repairOf} can be used. */
export function providersToMake(
  document: StateDocument,
  desired: DesiredState,
  { adopt }: RepairPlan,
): readonly string[] {
  return missingProviders(document, desired, adopt);
}

/** The repair of the state itself. The live systems were read for the steps, so pending creations are settled. */
export function repairOf(
  document: StateDocument,
  desired: DesiredState,
  { drop, adopt }: RepairPlan,
): StateRepair {
  return { drop, add: adoptionEntries(document, desired, adopt), forgetPendingCreations: true };
}
