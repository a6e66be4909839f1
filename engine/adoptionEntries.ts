import type { DesiredState, PlainValue, Registration } from "./program/desiredState";
import { EngineFailure } from "./failure";
import type { StateDocument, StateEntry } from "./stateDocument";
import { entriesOf } from "./stateDocument";

/** A declared object that lives already and has to come into the engine's state without being made again. */
export interface Adoption {
  /** URN of its registration. */
  readonly urn: string;
  /** Provider's id: `[namespace/]name` for Kubernetes objects, the snapshot's reference for VM snapshots. */
  readonly id: string;
  /** Field manager that owns the live object's declared fields; only for Kubernetes objects. */
  readonly fieldManager?: string | undefined;
}

/**
 * URNs of providers that the adoptions need and the state lacks. Their entries hold secrets that only the engine can
 * encrypt, so it has to make them itself (a run targeted at them) before anything is adopted.
 */
export function missingProviders(
  document: StateDocument,
  desired: DesiredState,
  adoptions: readonly Adoption[],
): readonly string[] {
  const known = new Set(entriesOf(document).map(({ urn }) => urn));
  const needed = adoptions.map(({ urn }) => registrationOf(desired, urn).provider);
  return [...new Set(needed)].filter((urn): urn is string => urn !== undefined && !known.has(urn));
}

/**
 * Entries that bring live objects under the engine's management: the object itself with the inputs that are declared
 * for it, and before it the components above it that the state lacks. A refresh after the import fills in the rest.
 *
 * @throws EngineFailure for a URN that is not declared, a component, or declared with secret inputs; and when the
 *   provider is not in the state (see {@link missingProviders}).
 */
export function adoptionEntries(
  document: StateDocument,
  desired: DesiredState,
  adoptions: readonly Adoption[],
): readonly StateEntry[] {
  const known = new Map(entriesOf(document).map((entry) => [entry.urn, entry]));
  const order = new Map(desired.registrations.map(({ urn }, index) => [urn, index]));
  const sorted = [...adoptions].sort(
    (left, right) => (order.get(left.urn) ?? 0) - (order.get(right.urn) ?? 0),
  );
  const entries: StateEntry[] = [];
  const add = (entry: StateEntry): void => {
    known.set(entry.urn, entry);
    entries.push(entry);
  };
  for (const adoption of sorted) {
    const registration = registrationOf(desired, adoption.urn);
    ancestors(desired, registration)
      .filter(({ urn }) => !known.has(urn))
      .forEach((component) => add(componentEntry(component)));
    add(objectEntry(registration, adoption, known));
  }
  return entries;
}

function registrationOf(desired: DesiredState, urn: string): Registration {
  const registration = desired.registrations.find((candidate) => candidate.urn === urn);
  if (registration === undefined || !registration.custom || registration.isProvider) {
    throw new EngineFailure(
      "failed",
      `${urn} cannot be adopted: the program declares no such object.`,
    );
  }
  if (registration.secretInputs.length > 0) {
    const names = registration.secretInputs.join(", ");
    throw new EngineFailure("failed", `${urn} cannot be adopted: its inputs ${names} are secret.`);
  }
  return registration;
}

/** From the outermost component inwards. */
function ancestors(desired: DesiredState, registration: Registration): Registration[] {
  const chain: Registration[] = [];
  let parent = registration.parent;
  while (parent !== undefined) {
    const found = desired.registrations.find(({ urn }) => urn === parent);
    if (found === undefined) {
      break;
    }
    chain.unshift(found);
    parent = found.parent;
  }
  return chain;
}

function componentEntry({ urn, type, inputs, parent }: Registration): StateEntry {
  return { urn, custom: false, type, inputs, ...(parent === undefined ? {} : { parent }) };
}

function objectEntry(
  registration: Registration,
  adoption: Adoption,
  known: ReadonlyMap<string, StateEntry>,
): StateEntry {
  const { urn, type, inputs, parent } = registration;
  const provider = registration.provider;
  const providerId = provider === undefined ? undefined : known.get(provider)?.id;
  if (provider === undefined || providerId === undefined) {
    const message = `${urn} cannot be adopted: its provider ${provider ?? ""} is not in the state yet.`;
    throw new EngineFailure("failed", message);
  }
  return {
    urn,
    custom: true,
    id: adoption.id,
    type,
    inputs,
    outputs: outputsOf(registration, adoption),
    ...(parent === undefined ? {} : { parent }),
    dependencies: registration.dependsOn.filter((dependency) => known.has(dependency)),
    provider: `${provider}::${providerId}`,
    protect: registration.protect,
    retainOnDelete: registration.retainOnDelete,
    ignoreChanges: registration.ignoreChanges,
  };
}

function outputsOf(
  { type, inputs }: Registration,
  { fieldManager }: Adoption,
): Readonly<Record<string, PlainValue>> {
  if (!type.startsWith("kubernetes:")) {
    return inputs;
  }
  // The provider finds its own field manager in the outputs; with that of the object's maker there is no conflict
  // over a field that changes later. `__inputs` is what it compares the declared fields with.
  return {
    ...inputs,
    __inputs: inputs,
    ...(fieldManager === undefined ? {} : { __fieldManager: fieldManager }),
    __initialApiVersion: inputs["apiVersion"] ?? "",
  };
}
