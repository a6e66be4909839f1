import type { Registration } from "../engine/program/desiredState";
import type { PlanContext, PlanInput } from "./planContext";
import { planContext } from "./planContext";
import { planObject } from "./planObjects";
import { planGroup } from "./planGroups";
import { planRemovals } from "./planRemovals";
import { planSnapshot } from "./planSnapshots";
import { planVolume } from "./planVolumes";
import { isGroupSnapshot, isSnapshot, isManaged, isVolumeSnapshot } from "./resources";
import type { LostMember, Step } from "./types";

export type { PlanInput } from "./planContext";

/**
 * What a deployment would do, from what is declared, what was deployed and what is there. Pure: no clock, nothing is
 * asked. Changes come in the order of the program (what others depend on first), removals after them in the opposite
 * order. Components and providers are in no live system and give no step.
 */
export function planSteps(input: PlanInput): Step[] {
  const context = planContext(input);
  const declared = input.desired.registrations
    .filter(({ type }) => isManaged(type))
    .map((registration) => planRegistration(context, registration));
  return [...declared, ...planRemovals(context)];
}

function planRegistration(context: PlanContext, registration: Registration): Step {
  const { type } = registration;
  if (isSnapshot(type)) {
    return planSnapshot(context, registration);
  }
  if (isVolumeSnapshot(type)) {
    return planVolume(context, registration);
  }
  return isGroupSnapshot(type)
    ? planGroup(context, registration)
    : planObject(context, registration);
}

/** Members to be written as lost in their points' files, after asking; planning again then goes on without them. */
export function lostMembers(steps: readonly Step[]): LostMember[] {
  return steps.flatMap(({ lost }) => lost ?? []);
}

/** Whether anything differs from what is declared: drift. */
export function hasChanges(steps: readonly Step[]): boolean {
  return steps.some(({ kind }) => kind !== "same" && kind !== "unknown");
}

/** Whether something could not be read. */
export function hasUnknown(steps: readonly Step[]): boolean {
  return steps.some(({ kind }) => kind === "unknown");
}

/** Steps that must not be done; a deployment stops while there is one. */
export function refusals(steps: readonly Step[]): Step[] {
  return steps.filter(({ kind }) => kind === "refuse");
}
