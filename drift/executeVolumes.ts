import type { ClusterClient } from "../clients/kubernetes/client";
import type { DesiredState, Registration } from "../engine/program/desiredState";
import { POINT_LABEL } from "../planning/names";
import type { Access } from "../clients/access";
import { inParallel } from "../clients/parallel";
import type { Progress } from "../clients/reporter";
import type { TakeLimits } from "../restorepoint/judgeTaken";
import type { TakeSubject } from "../restorepoint/watchTake";
import { failures, watchTake } from "../restorepoint/watchTake";
import type { TakeProblem } from "./deployError";
import { TakeFailed } from "./deployError";
import { createObject } from "./executeObject";
import { runHooks } from "./hooks";
import type { StepListener } from "../clients/killPoints";
import {
  isGroupSnapshot,
  isVolumeSnapshot,
  objectId,
  record,
  referenceFrom,
  text,
} from "./resources";
import { entryOf } from "./stateEntry";
import type { LabStore } from "./store";
import type { Step } from "./types";

/** Requests to the API server in flight: two hundred are posted within a second, and it is not flooded. */
const IN_FLIGHT = 64;

export interface VolumeTake {
  readonly desired: DesiredState;
  readonly store: LabStore;
  readonly cluster: Access<ClusterClient>;
  readonly progress: Progress;
  readonly now: () => Date;
  readonly onStep: StepListener;
  readonly takeLimits?: Partial<TakeLimits>;
}

/** Whether a step makes, or finds half made, the snapshot of a volume: these are done together. */
export function isTakeStep({ registrations }: DesiredState, { urn, type, kind }: Step): boolean {
  return (
    (kind === "create" || kind === "adopt") &&
    (isVolumeSnapshot(type) || isGroupSnapshot(type)) &&
    registrations.some(
      (registration) => registration.urn === urn && isUntaken(registration.ignoreChanges),
    )
  );
}

/** What was cut before ignores every change. */
function isUntaken(ignoreChanges: readonly string[]): boolean {
  return !ignoreChanges.includes("*");
}

/**
 * Cuts volumes at one moment: all are posted at once and watched together. Each is recorded, and its hook called, as
 * soon as it is ready.
 *
 * @throws CutFailed as soon as one fails; the others are not waited for
 */
export async function takenVolumes(taken: VolumeTake, steps: readonly Step[]): Promise<void> {
  const { store, now, onStep, desired, progress, cluster } = taken;
  if (cluster.state !== "open") {
    throw new Error(cluster.state === "unknown" ? cluster.why : "The cluster was not opened.");
  }
  const { client } = cluster;
  const byUrn = new Map(desired.registrations.map((one) => [one.urn, one]));
  const members = steps.flatMap((step): Member[] => {
    const declared = byUrn.get(step.urn);
    return declared === undefined ? [] : [{ step, declared }];
  });
  for (const { step, declared } of members) {
    onStep("planned", step.urn);
    if (step.kind === "create") {
      await runHooks(desired, declared, "beforeCreate", "");
    }
  }
  store.beginAll(steps, now());
  await post(client, members, onStep);
  const known = new Map(members.map((member) => [member.step.urn, member]));
  const verdicts = await watchTake({
    client,
    subjects: members.map(({ declared }) => subjectOf(declared)),
    posted: true,
    ...(taken.takeLimits === undefined ? {} : { limits: taken.takeLimits }),
    onReady: (urns) =>
      recordReady(
        taken,
        urns.flatMap((urn) => known.get(urn) ?? []),
      ),
    onLook: (ready, of) => progress.update({ text: `${ready} of ${of} volumes are cut` }),
  });
  const problems = failures(verdicts).map(({ urn, why }) =>
    problem(known.get(urn)?.step, urn, why),
  );
  if (problems.length > 0) {
    throw new TakeFailed(problems);
  }
}

interface Member {
  readonly step: Step;
  readonly declared: Registration;
}

async function post(
  client: ClusterClient,
  members: readonly Member[],
  onStep: StepListener,
): Promise<void> {
  const failed = await inParallel(members, IN_FLIGHT, async ({ step, declared }) => {
    onStep("begun", step.urn);
    if (step.kind === "create") {
      await createObject(client, declared);
    }
    onStep("done", step.urn);
  });
  if (failed.length > 0) {
    throw new TakeFailed(
      failed.map(({ item, error }) => problem(item.step, item.step.urn, (error as Error).message)),
    );
  }
}

/** One write of the record, and the hooks at once: they write the point's file, and gather for that. */
async function recordReady(
  { store, desired, onStep }: VolumeTake,
  members: readonly Member[],
): Promise<void> {
  const entries = members.map(({ declared }) =>
    entryOf(declared, objectId(referenceFrom(declared.inputs))),
  );
  store.recordAll(entries);
  members.forEach(({ step }) => onStep("recorded", step.urn));
  const outcomes = await Promise.allSettled(
    entries.map(({ id }, index) => {
      const declared = members[index]?.declared;
      return declared === undefined ? undefined : runHooks(desired, declared, "afterCreate", id);
    }),
  );
  const problems = outcomes.flatMap((outcome, index): TakeProblem[] =>
    outcome.status === "rejected"
      ? [problem(members[index]?.step, "", (outcome.reason as Error).message)]
      : [],
  );
  if (problems.length > 0) {
    throw new TakeFailed(problems);
  }
}

/** What is watched of a declared snapshot. */
export function subjectOf({ urn, inputs }: Registration): TakeSubject {
  const { apiVersion, kind, namespace = "", name } = referenceFrom(inputs);
  const labels = record(record(inputs["metadata"])["labels"]);
  return {
    urn,
    apiVersion,
    kind: kind === "VolumeGroupSnapshot" ? kind : "VolumeSnapshot",
    namespace,
    name,
    point: text(labels[POINT_LABEL]),
  };
}

function problem(step: Step | undefined, urn: string, why: string): TakeProblem {
  return { urn: step?.urn ?? urn, object: step?.object ?? urn, why };
}
