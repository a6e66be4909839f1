import { type DriftInput, command, driftContext } from "../../drift/context";
import { rulesOf } from "../../drift/compare";
import { find } from "../../drift/objects";
import { memberOf, pointNameIn, pointOf } from "../../drift/points";
import {
  carriesOurMark,
  isKubernetes,
  isPatch,
  isSnapshot,
  objectId,
  referenceFrom,
  snapshotInputs,
  text,
} from "../../drift/resources";
import type { StackResource } from "../../engine/stackState";
import type { PointFile } from "../../planning/site";
import { action, type Action, type ActionText } from "../action";

/**
 * What removing a stack's declarations would do: classes go, because no data is lost with them; whatever data hangs on
 * stays and only leaves the state. Pure. Nothing is ever made by it, and no snapshot removed. What stays comes first:
 * stopped in between, nothing that is there is forgotten about.
 */
export function planDown(input: DriftInput): Action[] {
  const context = driftContext(input);
  const removals = input.state.resources.map((resource) =>
    action(context, resource, { id: resource.id, ...removal(input, resource) }),
  );
  const goes = ({ kind }: Action): boolean => kind === "delete";
  return [...unrecorded(input), ...removals.filter((one) => !goes(one)), ...removals.filter(goes)];
}

function removal({ live, points }: DriftInput, resource: StackResource): ActionText {
  const { type, inputs, protect } = resource;
  const stays = (reason: string): ActionText => ({ kind: "removeFromState", reason });
  if (isSnapshot(type)) {
    return stays(snapshotReason(resource, points));
  }
  const { cluster } = live;
  if (cluster.state !== "read") {
    const why = cluster.state === "unknown" ? cluster.why : "The cluster was not read.";
    return { kind: "unknown", reason: why };
  }
  const there = find(cluster.value, referenceFrom(inputs));
  if (there === undefined) {
    return stays("It is gone already: only the state changes.");
  }
  if (isPatch(type, inputs)) {
    return stays("The fields stay as they are set: volumes that stay rely on them.");
  }
  if (protect) {
    return stays("It is protected, because data is lost with it: it stays.");
  }
  if (!carriesOurMark(there, inputs)) {
    return stays("It does not carry our mark any more, so that it is somebody else's: it stays.");
  }
  const { absence } = rulesOf(text(inputs["kind"]));
  return { kind: "delete", reason: `Its declaration ends: ${absence}.` };
}

function snapshotReason({ urn, id, inputs }: StackResource, points: readonly PointFile[]): string {
  const point = pointOf(urn, points);
  const member = memberOf(point, snapshotInputs(inputs).virtualMachineUuid);
  return (member?.lost ?? member?.expiredAt) !== undefined
    ? "It is gone already: only the state changes."
    : `It was taken for restore point ${point?.name ?? pointNameIn(urn)} and stays in vCenter (${id}).`;
}

/** Objects of ours that are not in the state: left out, they would be called removed and stay. */
function unrecorded(input: DriftInput): Action[] {
  const { desired, state, live } = input;
  const { cluster } = live;
  if (cluster.state !== "read") {
    return [];
  }
  const context = driftContext(input);
  const known = new Set(state.resources.map(({ urn }) => urn));
  return desired.registrations
    .filter(
      ({ urn, type, inputs, protect, retainOnDelete }) =>
        isKubernetes(type) &&
        !known.has(urn) &&
        !isPatch(type, inputs) &&
        !protect &&
        !retainOnDelete,
    )
    .filter(({ inputs }) => {
      const there = find(cluster.value, referenceFrom(inputs));
      return there !== undefined && carriesOurMark(there, inputs);
    })
    .map((declared) =>
      action(context, declared, {
        kind: "blocked",
        id: objectId(referenceFrom(declared.inputs)),
        reason:
          "It carries our mark and is missing in the state, so that it would stay unnoticed: adopt it first.",
        command: command(context, "adopt"),
      }),
    );
}
