import { isDeepStrictEqual } from "node:util";

import type { ClusterClient } from "../clients/kubernetes/client";
import type { DesiredState, Registration } from "../engine/program/desiredState";
import type { VcenterClient } from "../clients/vcenter/client";
import type { Access } from "../clients/access";
import type { Progress, Reporter } from "../clients/reporter";
import type { TakeLimits } from "../restorepoint/judgeTaken";
import { DeployError } from "./deployError";
import { takenVolumes, isTakeStep } from "./executeVolumes";
import { createObject, deleteObject, updateObject } from "./executeObject";
import type { VmFinder } from "./executeSnapshot";
import { takenSnapshot, vmFinder } from "./executeSnapshot";
import { runHooks, settleHooks } from "./hooks";
import type { StepListener } from "../clients/killPoints";
import { killListener } from "../clients/killPoints";
import { isTaken, isSnapshot } from "./resources";
import type { LabStore } from "./store";
import type { LabTarget } from "./target";
import { requireLab } from "./target";
import { entryOf } from "./stateEntry";
import type { Step, StepKind } from "./types";

export { DeployError } from "./deployError";

export interface Execution {
  readonly desired: DesiredState;
  /** The steps that were shown and confirmed; nothing else is done. */
  readonly steps: readonly Step[];
  readonly store: LabStore;
  readonly target: LabTarget;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
  readonly reporter: Reporter;
  readonly now: () => Date;
  /** Limit of one vCenter task in minutes. */
  readonly apiTimeoutMinutes: number;
  /** Limits of a cut of volumes, where they are not the usual ones; for tests. */
  readonly takeLimits?: Partial<TakeLimits>;
  /** Called at every moment of every step; for tests. */
  readonly onStep?: StepListener;
}

export interface Executed {
  /** How many steps of each kind were done. */
  readonly counts: Readonly<Partial<Record<StepKind, number>>>;
}

const NOTHING_TO_DO: readonly StepKind[] = ["same", "differs"];
const NOT_TO_BE_DONE: readonly StepKind[] = ["refuse", "unknown"];

/**
 * Does exactly the given steps in their order, each written to the journal before it starts and after it ends. Killed
 * anywhere and planned again, nothing is made or cut twice: what was made and not recorded is found by name and mark.
 *
 * @throws WrongTargetError when the systems are not the lab
 * @throws DeployError when a step may not be done or fails
 */
export async function executeSteps(execution: Execution): Promise<Executed> {
  const { desired, steps, target, cluster, vcenter, store, reporter } = execution;
  const forbidden = steps.find(({ kind }) => NOT_TO_BE_DONE.includes(kind));
  if (forbidden !== undefined) {
    throw new DeployError(`Nothing was changed: ${forbidden.object}: ${forbidden.reason}`);
  }
  await requireLab(target, cluster, vcenter);
  const acting = steps.filter(({ kind }) => !NOTHING_TO_DO.includes(kind));
  const progress = reporter.progress("Deploying");
  progress.update({ done: 0, total: acting.length });
  const run: Run = {
    ...execution,
    onStep: execution.onStep ?? killListener(),
    progress,
    findVm: vmFinder(() => open(vcenter)),
  };
  try {
    let done = 0;
    for (const batch of batches(desired, acting)) {
      const [step] = batch;
      progress.update({ done, text: `${step.kind} ${step.object}` });
      await (isTakeStep(desired, step) ? takenVolumes(run, batch) : perform(run, step));
      done += batch.length;
    }
    await settleHooks(desired, steps, ["same"]);
    refreshRecord(execution);
  } catch (error) {
    progress.fail("stopped");
    throw error;
  } finally {
    store.fold();
  }
  progress.done(`${acting.length} of ${acting.length} steps`);
  return { counts: countKinds(steps) };
}

/** Steps that are done together: volumes are cut at one moment, whatever else is done one by one. */
function batches(desired: DesiredState, steps: readonly Step[]): readonly [Step, ...Step[]][] {
  const found: [Step, ...Step[]][] = [];
  for (const step of steps) {
    const last = found.at(-1);
    if (last !== undefined && isTakeStep(desired, last[0]) && isTakeStep(desired, step)) {
      last.push(step);
    } else {
      found.push([step]);
    }
  }
  return found;
}

/** An execution under way. */
interface Run extends Execution {
  readonly onStep: StepListener;
  readonly progress: Progress;
  readonly findVm: VmFinder;
}

async function perform(execution: Run, step: Step): Promise<void> {
  const { store, now, onStep } = execution;
  const declared = execution.desired.registrations.find(({ urn }) => urn === step.urn);
  try {
    onStep("planned", step.urn);
    if (declared !== undefined && (step.kind === "create" || step.kind === "replace")) {
      await runHooks(execution.desired, declared, "beforeCreate", "");
    }
    store.begin(step.urn, step.kind, now());
    onStep("begun", step.urn);
    const id = await act(execution, step, declared);
    onStep("done", step.urn);
    if (id === undefined || declared === undefined) {
      store.drop(step.urn);
    } else {
      store.record(entryOf(declared, id));
    }
    onStep("recorded", step.urn);
    if (declared !== undefined && id !== undefined && wasMade(step, declared)) {
      await runHooks(execution.desired, declared, "afterCreate", id);
    }
  } catch (error) {
    throw new DeployError(
      `${step.object}: ${(error as Error).message} Run the command again to go on from here.`,
    );
  }
}

/** An adopted snapshot was cut by a run that was killed before its hooks ran, so they are due now. */
function wasMade({ kind }: Step, { type }: Registration): boolean {
  return kind === "create" || kind === "replace" || (kind === "adopt" && isTaken(type));
}

/** @returns the provider's id of what is there now; undefined when nothing is to be recorded any more */
async function act(
  execution: Run,
  step: Step,
  declared: Registration | undefined,
): Promise<string | undefined> {
  const recorded = execution.store.find(step.urn);
  switch (step.kind) {
    case "create":
      return isSnapshot(step.type)
        ? takenSnapshot(open(execution.vcenter), required(declared), execution)
        : createObject(open(execution.cluster), required(declared));
    case "update":
      return updateObject(open(execution.cluster), required(declared), recorded?.inputs);
    case "replace":
      // The old one first: both have the same name, and the API server takes no second one.
      await deleteObject(open(execution.cluster), recorded ?? required(declared));
      return createObject(open(execution.cluster), required(declared));
    case "delete":
      await deleteObject(open(execution.cluster), required(recorded));
      return undefined;
    case "adopt":
      return required(step.id);
    case "forget":
    case "same":
    case "differs":
    case "refuse":
    case "unknown":
      return undefined;
  }
}

/** Brings the record's inputs and options up to date where nothing live had to change. */
function refreshRecord({ desired, steps, store }: Execution): void {
  const recorded = new Map(store.load().resources.map((resource) => [resource.urn, resource]));
  for (const { kind, urn, id } of steps) {
    const declared = desired.registrations.find((registration) => registration.urn === urn);
    const known = recorded.get(urn)?.id ?? id;
    if (declared !== undefined && known !== undefined && (kind === "same" || kind === "differs")) {
      const entry = entryOf(declared, known);
      if (recorded.has(urn) && !isDeepStrictEqual(recorded.get(urn), entry)) {
        store.record(entry);
      }
    }
  }
}

function open<T>(access: Access<T>): T {
  if (access.state !== "open") {
    throw new Error(
      access.state === "unknown" ? access.why : "The system it belongs to was not opened.",
    );
  }
  return access.client;
}

function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new Error("The step does not belong to what is declared and recorded.");
  }
  return value;
}

function countKinds(steps: readonly Step[]): Partial<Record<StepKind, number>> {
  const counts: Partial<Record<StepKind, number>> = {};
  for (const { kind } of steps) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
