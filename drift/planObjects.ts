import { isDeepStrictEqual } from "node:util";

import type { ObjectReference } from "../clients/kubernetes/object";
import type { Registration } from "../engine/program/desiredState";
import { compareObject } from "./compare";
import { liesUnder, rulesOf } from "./kinds";
import type { PlanContext, StepText } from "./planContext";
import { command, step } from "./planContext";
import {
  carriesOurMark,
  isPatch,
  objectId,
  ownerLabels,
  record,
  referenceFrom,
  sameObject,
  text,
} from "./resources";
import { unreadableVersions } from "./storedVersions";
import type { ClusterLive, DeployedResource, FieldChange, LiveObject, Step } from "./types";
import { kindKey, objectKey } from "./types";

/** What has to be done about one declared Kubernetes object or about fields of one. */
export function planObject(context: PlanContext, declared: Registration): Step {
  const { cluster } = context.live;
  const reference = referenceFrom(declared.inputs);
  const id = objectId(reference);
  const say = (what: StepText): Step => step(context, declared, { id, ...what });
  if (cluster.state !== "read") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not read.";
    return say({ kind: "unknown", reason: why });
  }
  const unread = cluster.value.unreadKinds.get(kindKey(reference.apiVersion, reference.kind));
  if (unread !== undefined) {
    return say({ kind: "unknown", reason: unread });
  }
  const recorded = context.recorded.get(declared.urn);
  const live = find(cluster.value, reference);
  if (live === undefined) {
    return say(planAbsent(context, declared, reference, recorded, cluster.value));
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return say({
      kind: "refuse",
      reason:
        `It is being deleted since ${live.metadata.deletionTimestamp} and waits for its finalizers; ` +
        "nothing can be declared in its place before it is gone: run the command again in a moment.",
    });
  }
  return say(
    isPatch(declared.type, declared.inputs)
      ? planPatch(declared, recorded, live)
      : planPresent(context, declared, recorded, live),
  );
}

export function find(
  cluster: ClusterLive,
  { apiVersion, kind, namespace, name }: ObjectReference,
): LiveObject | undefined {
  return cluster.objects.get(objectKey(apiVersion, kind, namespace, name));
}

function planAbsent(
  context: PlanContext,
  declared: Registration,
  reference: ObjectReference,
  recorded: DeployedResource | undefined,
  cluster: ClusterLive,
): StepText {
  const { apiVersion, kind } = reference;
  if (cluster.absentKinds.has(kindKey(apiVersion, kind)) && !declaresKind(context, reference)) {
    return {
      kind: "refuse",
      reason: `The API server does not serve ${kind} of ${apiVersion}: install its CRD first.`,
    };
  }
  if (isPatch(declared.type, declared.inputs)) {
    return {
      kind: "refuse",
      reason: `There is no ${kind} ${objectId(reference)} whose fields could be set: install what brings it first.`,
    };
  }
  if (recorded === undefined) {
    return { kind: "create", reason: "It is declared and not there." };
  }
  const former = referenceFrom(recorded.inputs);
  if (!sameObject(former, reference)) {
    return {
      kind: "replace",
      changes: [{ path: "metadata.name", from: former.name, to: reference.name }],
      reason: `Its name changed: ${objectId(former)} is removed and this one created; ${rulesOf(kind).replacement}.`,
    };
  }
  const pending = context.deployed.pending?.find(({ urn }) => urn === declared.urn);
  if (pending !== undefined) {
    return {
      kind: "create",
      reason:
        `It went away when an earlier deployment stopped in the middle of its ${pending.kind} (${pending.at}); until ` +
        `it is there again, ${rulesOf(kind).absence}.`,
    };
  }
  return {
    kind: "create",
    reason: `It was deleted outside this program; until it is there again, ${rulesOf(kind).absence}.`,
  };
}

/** Whether the program itself brings the CRD of a kind. */
function declaresKind({ desired }: PlanContext, { apiVersion, kind }: ObjectReference): boolean {
  return desired.registrations.some(({ inputs }) => {
    const spec = record(inputs["spec"]);
    return (
      inputs["kind"] === "CustomResourceDefinition" &&
      text(spec["group"]) === apiVersion.split("/")[0] &&
      text(record(spec["names"])["kind"]) === kind
    );
  });
}

function planPresent(
  context: PlanContext,
  declared: Registration,
  recorded: DeployedResource | undefined,
  live: LiveObject,
): StepText {
  const { inputs, importId } = declared;
  const ours = carriesOurMark(live, inputs);
  if (recorded === undefined && !ours && importId === undefined) {
    return {
      kind: "refuse",
      reason:
        `It exists already and is not ours (it lacks ${ownerLabels(inputs)}): give ours another name in the stack ` +
        "file, remove it, or take it over.",
      command: command(context, "adopt"),
    };
  }
  const changes = compareObject(inputs, recorded?.inputs, live).filter(
    ({ path }) => !liesUnder(path, declared.ignoreChanges),
  );
  if (changes.length === 0) {
    return recorded === undefined
      ? {
          kind: "adopt",
          reason: "It is there as declared and carries our mark, but is missing in the record.",
        }
      : { kind: "same", reason: "As declared." };
  }
  const unreadable = unreadableVersions(inputs, live);
  return unreadable === undefined
    ? planChange(declared, recorded, changes)
    : { kind: "refuse", changes, reason: unreadable };
}

function planChange(
  declared: Registration,
  recorded: DeployedResource | undefined,
  changes: readonly FieldChange[],
): StepText {
  const cause = causeOf(declared, recorded);
  const { immutable, replacement } = rulesOf(text(declared.inputs["kind"]));
  const fixed = changes.filter(({ path }) =>
    liesUnder(path, [...immutable, ...declared.replaceOnChanges]),
  );
  if (fixed.length === 0) {
    const back = cause === OUTSIDE ? "changed back" : "changed";
    return { kind: "update", changes, reason: `${cause} It is ${back} in place.` };
  }
  const paths = [...new Set(fixed.map(({ path }) => path.split(/[.[]/)[0] ?? path))].join(", ");
  if (declared.protect) {
    return {
      kind: "refuse",
      changes,
      reason: `${cause} ${paths} cannot be changed in place, and the object is protected: removing it would lose data.`,
    };
  }
  return {
    kind: "replace",
    changes,
    reason: `${cause} ${paths} cannot be changed in place, so it is removed and created again; ${replacement}.`,
  };
}

const OUTSIDE = "It was changed outside this program.";

function causeOf(declared: Registration, recorded: DeployedResource | undefined): string {
  if (recorded === undefined) {
    return "It carries our mark, is missing in the record and differs.";
  }
  return isDeepStrictEqual(recorded.inputs, declared.inputs)
    ? OUTSIDE
    : "The configuration changed.";
}

/** Fields of somebody else's object: neither its owner nor its other fields matter. */
function planPatch(
  declared: Registration,
  recorded: DeployedResource | undefined,
  live: LiveObject,
): StepText {
  const changes = compareObject(declared.inputs, recorded?.inputs, live).filter(
    // Directions to the provider, not fields of the object.
    ({ path }) => !path.startsWith('metadata.annotations["pulumi.com/'),
  );
  if (changes.length > 0) {
    const cause =
      recorded === undefined ? "It is declared and not set." : causeOf(declared, recorded);
    return { kind: "update", changes, reason: `${cause} Only these fields are set.` };
  }
  return recorded === undefined
    ? { kind: "adopt", reason: "The fields are set as declared, but missing in the record." }
    : { kind: "same", reason: "As declared." };
}
