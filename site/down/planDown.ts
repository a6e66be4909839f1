import type { DesiredState } from "../../engine/program/desiredState";
import type { RestorePointFile } from "../../planning/site";
import { rulesOf } from "../../drift/kinds";
import { planSteps } from "../../drift/plan";
import { command, planContext, step } from "../../drift/planContext";
import { find } from "../../drift/planObjects";
import { membersOf } from "../../drift/planRemovals";
import { pointNameIn, pointOf } from "../../drift/points";
import {
  carriesOurMark,
  isTaken,
  isKubernetes,
  isPatch,
  isSnapshot,
  objectId,
  referenceFrom,
  text,
} from "../../drift/resources";
import type { DeployedResource, DeployedState, LiveState, Step } from "../../drift/types";

export interface DownInput {
  /** What the program declares today. */
  readonly desired: DesiredState;
  readonly deployed: DeployedState;
  readonly live: LiveState;
  readonly points: readonly RestorePointFile[];
}

/**
 * What removing a stack's declarations would do: classes go, because no data is lost with them; whatever data hangs on
 * stays and only leaves the record. Pure. Nothing is ever made by it, and no snapshot removed.
 */
export function planDown(input: DownInput): Step[] {
  const nothing = { ...input.desired, registrations: [] };
  const recorded = new Map(input.deployed.resources.map((resource) => [resource.urn, resource]));
  const removals = planSteps({ ...input, desired: nothing }).map((planned) => {
    const resource = recorded.get(planned.urn);
    return resource === undefined ? planned : keepData(input, planned, resource);
  });
  // What stays leaves the record first: stopped in between, nothing that is there is forgotten about.
  const goes = (planned: Step): boolean => planned.kind === "delete";
  return [...unrecorded(input), ...removals.filter((one) => !goes(one)), ...removals.filter(goes)];
}

/** A removal that a deployment refuses, because a file was dropped by mistake, is meant here: what is there stays. */
function keepData({ points }: DownInput, planned: Step, resource: DeployedResource): Step {
  const stays = (reason: string): Step => ({
    ...planned,
    kind: "forget",
    reason,
    command: undefined,
    lost: undefined,
  });
  if (isTaken(resource.type)) {
    return stays(snapshotReason(resource, points));
  }
  if (planned.kind === "unknown" || planned.kind === "forget") {
    return planned;
  }
  if (isPatch(resource.type, resource.inputs)) {
    return stays("The fields stay as they are set: volumes that stay rely on them.");
  }
  if (resource.protect) {
    return stays("It is protected, because data is lost with it: it stays.");
  }
  const { absence } = rulesOf(text(resource.inputs["kind"]));
  return { ...planned, reason: `Its declaration ends: ${absence}.` };
}

function snapshotReason(resource: DeployedResource, points: readonly RestorePointFile[]): string {
  const { urn, id, type } = resource;
  const point = pointOf(urn, points);
  const members = membersOf(resource, point);
  if (
    members.length > 0 &&
    members.every(({ lost, expiredAt }) => lost !== undefined || expiredAt !== undefined)
  ) {
    return "It is gone already: only the record changes.";
  }
  const where = isSnapshot(type) ? "in vCenter" : "in the cluster";
  return `It was cut for restore point ${point?.name ?? pointNameIn(urn)} and stays ${where} (${id}).`;
}

/** Objects of ours that are not in the record: left out, they would be called removed and stay. */
function unrecorded(input: DownInput): Step[] {
  const { desired, deployed, live } = input;
  const { cluster } = live;
  if (cluster.state !== "read") {
    return [];
  }
  const context = planContext(input);
  const known = new Set(deployed.resources.map(({ urn }) => urn));
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
      step(context, declared, {
        kind: "refuse",
        id: objectId(referenceFrom(declared.inputs)),
        reason:
          "It carries our mark and is missing in the record, so that it would stay unnoticed: adopt it first.",
        command: command(context, "adopt"),
      }),
    );
}
