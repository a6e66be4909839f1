import type { Registration } from "../../engine/program/desiredState";
import { compareObject } from "../../drift/compare";
import { liesUnder, rulesOf } from "../../drift/kinds";
import { planSteps } from "../../drift/plan";
import type { PlanContext, PlanInput, StepText } from "../../drift/planContext";
import { command, planContext, step } from "../../drift/planContext";
import { find } from "../../drift/planObjects";
import {
  carriesOurMark,
  isTaken,
  isPatch,
  isManaged,
  objectId,
  record,
  referenceFrom,
  text,
} from "../../drift/resources";
import { unreadableVersions } from "../../drift/storedVersions";
import type { FieldChange, LiveObject, Step } from "../../drift/types";
import { kindKey } from "../../drift/types";
import { foreignOwner, isMissingLabel } from "./ownership";

export interface AdoptInput extends PlanInput {
  /** Take over objects, too, that differ in fields which can be changed in place; they stay as they are. */
  readonly differing: boolean;
}

export interface AdoptPlan {
  /** `adopt`, `same`, `refuse` or `unknown`: one for each declared object that lives or could not be read. */
  readonly steps: readonly Step[];
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
  const context = planContext(input);
  const usual = new Map(planSteps(input).map((planned) => [planned.urn, planned]));
  const outcomes = input.desired.registrations
    .filter(({ type }) => isManaged(type))
    .map((declared) => outcome(context, input, declared, usual.get(declared.urn)));
  return {
    steps: outcomes.flatMap(({ planned }) => (planned === undefined ? [] : [planned])),
    labels: new Map(
      outcomes.flatMap(({ planned, labels }) =>
        planned === undefined || labels === undefined ? [] : [[planned.urn, labels] as const],
      ),
    ),
    absent: outcomes.flatMap(({ absent }) => (absent === undefined ? [] : [absent])),
  };
}

interface Outcome {
  readonly planned?: Step;
  readonly labels?: Readonly<Record<string, string>>;
  readonly absent?: AdoptPlan["absent"][number];
}

function outcome(
  context: PlanContext,
  { differing }: AdoptInput,
  declared: Registration,
  usual: Step | undefined,
): Outcome {
  if (usual === undefined || usual.kind === "unknown") {
    return usual === undefined ? {} : { planned: usual };
  }
  const known = context.recorded.has(declared.urn);
  if (isTaken(declared.type)) {
    return snapshotOutcome(usual, known);
  }
  const live = liveObject(context, declared);
  if (live === undefined) {
    const { object, reason } = usual;
    return {
      absent: { object, reason: usual.kind === "refuse" ? reason : "./atom up creates it." },
    };
  }
  if (live.metadata.deletionTimestamp !== undefined || isPatch(declared.type, declared.inputs)) {
    return patchOutcome(usual);
  }
  const id = objectId(referenceFrom(declared.inputs));
  if (known) {
    const reason = "It is in the record already.";
    return { planned: step(context, declared, { kind: "same", id, reason }) };
  }
  const changes = compareObject(declared.inputs, undefined, live).filter(
    ({ path }) => !liesUnder(path, declared.ignoreChanges),
  );
  const what = judge({ context, declared, live, changes, differing });
  const planned = step(context, declared, { id, ...what });
  const labels = missingLabels(declared, live);
  return what.kind === "adopt" && Object.keys(labels).length > 0
    ? { planned, labels }
    : { planned };
}

/** A cut VM snapshot is known by its reference, never by its name; one that is gone is nobody's to take over. */
function snapshotOutcome(usual: Step, known: boolean): Outcome {
  if (usual.kind === "differs" && !known) {
    return { planned: { ...usual, kind: "adopt" } };
  }
  if (usual.kind === "create" || usual.lost !== undefined) {
    return { absent: { object: usual.object, reason: usual.reason } };
  }
  const settled = known && usual.kind === "differs";
  return { planned: settled ? { ...usual, kind: "same" } : usual };
}

/** Fields of others' objects need no taking over: `up` sets them, whoever set them before. */
function patchOutcome(usual: Step): Outcome {
  return usual.kind === "update"
    ? { absent: { object: usual.object, reason: "./atom up sets them." } }
    : { planned: usual };
}

interface Subject {
  readonly context: PlanContext;
  readonly declared: Registration;
  readonly live: LiveObject;
  /** Live value first, declared one second. */
  readonly changes: readonly FieldChange[];
  readonly differing: boolean;
}

function judge({ context, declared, live, changes, differing }: Subject): StepText {
  const other = foreignOwner(live, declared.inputs) ?? unreadableVersions(declared.inputs, live);
  if (other !== undefined) {
    return { kind: "refuse", changes, reason: other };
  }
  const different = changes.filter((change) => !isMissingLabel(change));
  if (carriesOurMark(live, declared.inputs)) {
    const reason =
      different.length === 0
        ? "It is there as declared and carries our mark: it is recorded."
        : "It carries our mark: it is recorded and stays as it is; ./atom up changes these fields.";
    return { kind: "adopt", changes, reason };
  }
  if (different.length === 0) {
    return {
      kind: "adopt",
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
      kind: "refuse",
      changes,
      reason:
        `${paths} cannot be changed in place, so that it cannot become what is declared. Write what is live (the ` +
        `first value) into the stack file; or give the declared one another name; or remove the live one yourself ` +
        `(${replacement}) and run ./atom up.`,
    };
  }
  return differing
    ? {
        kind: "adopt",
        changes,
        reason:
          "It is taken over as it is, with our owner labels; ./atom up then changes the other fields.",
      }
    : {
        kind: "refuse",
        changes,
        reason:
          "It differs from what is declared. Write what is live (the first value) into the stack file, or take it " +
          "over as it is and let ./atom up change these fields.",
        command: command(context, "adopt --differing"),
      };
}

function missingLabels(declared: Registration, live: LiveObject): Record<string, string> {
  const wanted = record(record(declared.inputs["metadata"])["labels"]);
  return Object.fromEntries(
    Object.entries(wanted)
      .filter(([key]) => live.metadata.labels?.[key] === undefined)
      .map(([key, value]) => [key, text(value)]),
  );
}

function liveObject({ live }: PlanContext, { inputs }: Registration): LiveObject | undefined {
  const { cluster } = live;
  const reference = referenceFrom(inputs);
  return cluster.state === "read" &&
    !cluster.value.unreadKinds.has(kindKey(reference.apiVersion, reference.kind))
    ? find(cluster.value, reference)
    : undefined;
}
