import { isDeepStrictEqual } from "node:util";

import { whyUnread } from "../clients/access";
import type { ClusterObject, ObjectReference } from "../clients/kubernetes/object";
import type { Registration } from "../engine/program/desiredState";
import type { FieldChange } from "../engine/preview";
import type { StackResource } from "../engine/stackState";
import { compareObject, liesUnder, rulesOf, unreadableVersions } from "./compare";
import { blocked, type DriftContext, type Verdict, command, finding } from "./context";
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
import { type ClusterLive, type Finding, kindKey, objectKey } from "./types";

/** What is to be said of one declared Kubernetes object or of declared fields of one. */
export function judgeObject(context: DriftContext, declared: Registration): Finding {
  const { cluster } = context.live;
  const reference = referenceFrom(declared.inputs);
  const id = objectId(reference);
  const say = (verdict: Verdict): Finding => finding(context, declared, { id, ...verdict });
  if (cluster.state !== "read") {
    return say({ kind: "unknown", reason: whyUnread(cluster, "The cluster was not read.") });
  }
  const unread = cluster.value.unreadKinds.get(kindKey(reference.apiVersion, reference.kind));
  if (unread !== undefined) {
    return say({ kind: "unknown", reason: unread });
  }
  const recorded = context.recorded.get(declared.urn);
  const live = find(cluster.value, reference);
  if (live === undefined) {
    return say(judgeAbsent(context, declared, recorded, cluster.value));
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    const reason =
      `It is being deleted since ${live.metadata.deletionTimestamp} and waits for its finalizers; ` +
      "nothing can be declared in its place before it is gone: run the command again in a moment.";
    return say(blocked("differs", reason));
  }
  return say(
    isPatch(declared.type, declared.inputs)
      ? judgePatch(declared, recorded, live)
      : judgePresent(context, declared, recorded, live),
  );
}

export function find(
  cluster: ClusterLive,
  { apiVersion, kind, namespace, name }: ObjectReference,
): ClusterObject | undefined {
  return cluster.objects.get(objectKey(apiVersion, kind, namespace, name));
}

function judgeAbsent(
  context: DriftContext,
  declared: Registration,
  recorded: StackResource | undefined,
  cluster: ClusterLive,
): Verdict {
  const reference = referenceFrom(declared.inputs);
  const { apiVersion, kind } = reference;
  if (cluster.absentKinds.has(kindKey(apiVersion, kind)) && !declaresKind(context, reference)) {
    const reason = `The API server does not serve ${kind} of ${apiVersion}: install its CRD first.`;
    return blocked("missing", reason);
  }
  if (isPatch(declared.type, declared.inputs)) {
    const object = `${kind} ${objectId(reference)}`;
    const reason = `There is no ${object} whose fields could be set: install what brings it first.`;
    return blocked("missing", reason);
  }
  return {
    kind: "missing",
    reason:
      recorded === undefined || !sameObject(referenceFrom(recorded.inputs), reference)
        ? "It is declared and not there."
        : `It was deleted outside this program; until it is there again, ${rulesOf(kind).absence}.`,
  };
}

/** Whether the program itself brings the CRD of a kind. */
function declaresKind({ desired }: DriftContext, { apiVersion, kind }: ObjectReference): boolean {
  return desired.registrations.some(({ inputs }) => {
    const spec = record(inputs["spec"]);
    return (
      inputs["kind"] === "CustomResourceDefinition" &&
      text(spec["group"]) === apiVersion.split("/")[0] &&
      text(record(spec["names"])["kind"]) === kind
    );
  });
}

function judgePresent(
  context: DriftContext,
  declared: Registration,
  recorded: StackResource | undefined,
  live: ClusterObject,
): Verdict {
  const { inputs } = declared;
  if (recorded === undefined && !carriesOurMark(live, inputs)) {
    const reason =
      `It exists already and is not ours (it lacks ${ownerLabels(inputs)}): give ours another name in the stack ` +
      "file, remove it, or take it over.";
    return blocked("foreign", reason, { command: command(context, "adopt") });
  }
  const changes = compareObject(inputs, recorded?.inputs, live).filter(
    ({ path }) => !liesUnder(path, declared.ignoreChanges),
  );
  if (changes.length === 0) {
    return recorded === undefined
      ? {
          kind: "same",
          state: "import",
          reason: "It is there as declared and carries our mark, but the stack's state lacks it.",
        }
      : { kind: "same", reason: "As declared." };
  }
  const unreadable = unreadableVersions(inputs, live);
  if (unreadable !== undefined) {
    return blocked("differs", unreadable, { changes });
  }
  return recorded === undefined
    ? blocked(
        "differs",
        "It carries our mark, the stack's state lacks it, and it differs: it has to be imported as it is first.",
        { changes, command: command(context, "adopt") },
      )
    : {
        kind: "differs",
        changes,
        reason: causeOf(declared, recorded, changes),
        command: removalCommand(recorded, live, changes),
      };
}

/** The engine changes only fields that it set: what somebody added beside them goes by hand. */
function removalCommand(
  { inputs }: StackResource,
  { kind, metadata }: ClusterObject,
  changes: readonly FieldChange[],
): string | undefined {
  const added = changes.filter(
    ({ path, to }) => to === undefined && inputs[path] === undefined && /^[A-Za-z]+$/.test(path),
  );
  const patch = added.map(({ path }) => ({ op: "remove", path: `/${path}` }));
  return patch.length === 0
    ? undefined
    : `kubectl patch ${kind.toLowerCase()} ${metadata.name} --type=json -p '${JSON.stringify(patch)}'`;
}

function causeOf(
  declared: Registration,
  recorded: StackResource,
  changes: readonly FieldChange[],
): string {
  const outside = isDeepStrictEqual(recorded.inputs, declared.inputs);
  const { immutable, replacement } = rulesOf(text(declared.inputs["kind"]));
  const fixed = changes.some(({ path }) =>
    liesUnder(path, [...immutable, ...declared.replaceOnChanges]),
  );
  const cause = outside ? "It was changed outside this program." : "The configuration changed.";
  return fixed ? `${cause} It can only be replaced; ${replacement}.` : cause;
}

/** Fields of somebody else's object: neither its owner nor its other fields matter. */
function judgePatch(
  declared: Registration,
  recorded: StackResource | undefined,
  live: ClusterObject,
): Verdict {
  const changes = compareObject(declared.inputs, recorded?.inputs, live).filter(
    // Directions to the provider, not fields of the object.
    ({ path }) => !path.startsWith('metadata.annotations["pulumi.com/'),
  );
  if (changes.length === 0) {
    return { kind: "same", reason: "As declared." };
  }
  return {
    kind: "differs",
    changes,
    reason:
      recorded === undefined ? "It is declared and not set." : causeOf(declared, recorded, changes),
  };
}
