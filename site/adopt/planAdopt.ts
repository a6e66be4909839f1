import type { Registration } from "../../engine/program/desiredState";
import { compareObject, liesUnder, rulesOf, unreadableVersions } from "../../drift/compare";
import { type DriftContext, type DriftInput, command, driftContext } from "../../drift/context";
import { findDrift } from "../../drift/findings";
import { find } from "../../drift/objects";
import {
  carriesOurMark,
  isKubernetes,
  isPatch,
  isSnapshot,
  objectId,
  record,
  referenceFrom,
  text,
} from "../../drift/resources";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Finding } from "../../drift/types";
import { kindKey } from "../../drift/types";
import type { FieldChange } from "../../engine/preview";
import { action, type Action, type ActionText } from "../action";
import { foreignOwner, isMissingLabel } from "./ownership";

export interface AdoptInput extends DriftInput {
  /** Take over objects, too, that differ in fields which can be changed in place; they stay as they are. */
  readonly differing: boolean;
}

export interface AdoptPlan {
  /** `import`, `same`, `blocked` or `unknown`: one for each declared object that lives or could not be read. */
  readonly actions: readonly Action[];
  /** Owner labels to put on objects before they are recorded, by URN; only labels that are missing. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Declared and not there, so that there is nothing to take over. */
  readonly absent: readonly { readonly object: string; readonly reason: string }[];
}

/**
 * Compares what is declared with what lives, field by field, and says what can be taken over. Pure. Taking over changes
 * the record, and on the object itself nothing but owner labels that are missing.
 */
export function planAdopt(input: AdoptInput): AdoptPlan {
  const context = driftContext(input);
  const found = new Map(findDrift(input).map((finding) => [finding.urn, finding]));
  const outcomes = input.desired.registrations
    .filter(({ type }) => isKubernetes(type) || isSnapshot(type))
    .map((declared) => outcome(context, input, declared, found.get(declared.urn)));
  return {
    actions: outcomes.flatMap(({ planned }) => (planned === undefined ? [] : [planned])),
    labels: new Map(
      outcomes.flatMap(({ planned, labels }) =>
        planned === undefined || labels === undefined ? [] : [[planned.urn, labels] as const],
      ),
    ),
    absent: outcomes.flatMap(({ absent }) => (absent === undefined ? [] : [absent])),
  };
}

interface Outcome {
  readonly planned?: Action;
  readonly labels?: Readonly<Record<string, string>>;
  readonly absent?: AdoptPlan["absent"][number];
}

function outcome(
  context: DriftContext,
  { differing }: AdoptInput,
  declared: Registration,
  found: Finding | undefined,
): Outcome {
  if (found === undefined) {
    return {};
  }
  const { kind, object, reason, blocked } = found;
  const as = (as: Action["kind"]): Outcome => ({ planned: { ...found, kind: as } });
  if (kind === "unknown") {
    return as("unknown");
  }
  if (isSnapshot(declared.type)) {
    return snapshotOutcome(found, as);
  }
  const live = liveObject(context, declared);
  if (live === undefined) {
    return { absent: { object, reason: blocked === true ? reason : "./atom up creates it." } };
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return as("blocked");
  }
  if (isPatch(declared.type, declared.inputs)) {
    // Fields of others' objects need no taking over: `up` sets them, whoever set them before.
    return kind === "same" ? as("same") : { absent: { object, reason: "./atom up sets them." } };
  }
  const id = objectId(referenceFrom(declared.inputs));
  if (context.recorded.has(declared.urn)) {
    const known = "It is in the stack's state already.";
    return { planned: action(context, declared, { kind: "same", id, reason: known }) };
  }
  const changes = compareObject(declared.inputs, undefined, live).filter(
    ({ path }) => !liesUnder(path, declared.ignoreChanges),
  );
  const what = judge({ context, declared, live, changes, differing });
  const planned = action(context, declared, { id, ...what });
  const labels = missingLabels(declared, live);
  return what.kind === "import" && Object.keys(labels).length > 0
    ? { planned, labels }
    : { planned };
}

/** A VM snapshot that was taken is known by its reference, never by its name; one that is gone is nobody's to take over. */
function snapshotOutcome(found: Finding, as: (kind: Action["kind"]) => Outcome): Outcome {
  const { object, reason, kind, state, blocked } = found;
  if (blocked === true) {
    return as("blocked");
  }
  if (state === "import") {
    return as("import");
  }
  return kind === "missing" || kind === "lost" ? { absent: { object, reason } } : as("same");
}

interface Subject {
  readonly context: DriftContext;
  readonly declared: Registration;
  readonly live: ClusterObject;
  /** Live value first, declared one second. */
  readonly changes: readonly FieldChange[];
  readonly differing: boolean;
}

function judge({ context, declared, live, changes, differing }: Subject): ActionText {
  const other = foreignOwner(live, declared.inputs) ?? unreadableVersions(declared.inputs, live);
  if (other !== undefined) {
    return { kind: "blocked", changes, reason: other };
  }
  const different = changes.filter((change) => !isMissingLabel(change));
  if (carriesOurMark(live, declared.inputs)) {
    const reason =
      different.length === 0
        ? "It is there as declared and carries our mark: it is imported."
        : "It carries our mark: it is imported and stays as it is; ./atom up changes these fields.";
    return { kind: "import", changes, reason };
  }
  if (different.length === 0) {
    return {
      kind: "import",
      changes,
      reason: "It is there as declared: our owner labels are put on it, nothing else is changed.",
    };
  }
  const { immutable, replacement } = rulesOf(text(declared.inputs["kind"]));
  const fixed = different.filter(({ path }) =>
    liesUnder(path, [...immutable, ...declared.replaceOnChanges]),
  );
  if (fixed.length > 0) {
    const paths = fixed.map(({ path }) => path).join(", ");
    return {
      kind: "blocked",
      changes,
      reason:
        `${paths} cannot be changed in place, so that it cannot become what is declared. Write what is live (the ` +
        `first value) into the stack file; or give the declared one another name; or remove the live one yourself ` +
        `(${replacement}) and run ./atom up.`,
    };
  }
  return differing
    ? {
        kind: "import",
        changes,
        reason:
          "It is taken over as it is, with our owner labels; ./atom up then changes the other fields.",
      }
    : {
        kind: "blocked",
        changes,
        reason:
          "It differs from what is declared. Write what is live (the first value) into the stack file, or take it " +
          "over as it is and let ./atom up change these fields.",
        command: command(context, "adopt --differing"),
      };
}

function missingLabels(declared: Registration, live: ClusterObject): Record<string, string> {
  const wanted = record(record(declared.inputs["metadata"])["labels"]);
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([key]) => live.metadata.labels?.[key] === undefined)
      .map(([key, value]) => [key, text(value)]),
  );
}

function liveObject({ live }: DriftContext, { inputs }: Registration): ClusterObject | undefined {
  const { cluster } = live;
  const reference = referenceFrom(inputs);
  return cluster.state === "read" &&
    !cluster.value.unreadKinds.has(kindKey(reference.apiVersion, reference.kind))
    ? find(cluster.value, reference)
    : undefined;
}
