import type { DesiredState, Hook, HookCall, Registration } from "../engine/program/desiredState";
import { isTaken } from "./resources";
import type { Step } from "./types";

type Moment = "beforeCreate" | "afterCreate";

/** Runs the hooks of one moment, as the engine does: in order, and the first that throws ends it. */
export async function runHooks(
  desired: DesiredState,
  declared: Registration,
  moment: Moment,
  id: string,
): Promise<void> {
  for (const hook of hooksOf(desired, declared, moment)) {
    await callHook(hook, callOf(declared, moment, id));
  }
}

/**
 * Runs what is due after the creation of members that an earlier run has cut and did not get to record: their steps make
 * nothing, and so their hooks are called by nobody else.
 *
 * @param kinds of the steps whose hooks the deployment itself leaves out
 * @throws what the first hook throws
 */
export async function settleHooks(
  desired: DesiredState,
  steps: readonly Step[],
  kinds: readonly Step["kind"][],
): Promise<void> {
  const declared = new Map(desired.registrations.map((item) => [item.urn, item]));
  // At once: the hooks of a point gather what they write.
  await Promise.all(
    steps
      .filter(({ kind, type }) => kinds.includes(kind) && isTaken(type))
      .map(async ({ urn, id }) => {
        const registration = declared.get(urn);
        if (registration !== undefined && id !== undefined) {
          await runHooks(desired, registration, "afterCreate", id);
        }
      }),
  );
}

/**
 * What hooks say to a deployment before it is one: a hook that also runs on previews and throws turns its step into a
 * refused one. They are the program's own last word, which plain `pulumi` has as well.
 */
export async function dryRunHooks(desired: DesiredState, steps: readonly Step[]): Promise<Step[]> {
  const declared = new Map(desired.registrations.map((item) => [item.urn, item]));
  const checked: Step[] = [];
  for (const step of steps) {
    const registration = declared.get(step.urn);
    const makes = step.kind === "create" || step.kind === "replace";
    checked.push(
      makes && registration !== undefined ? await dryRun(desired, registration, step) : step,
    );
  }
  return checked;
}

async function dryRun(desired: DesiredState, declared: Registration, step: Step): Promise<Step> {
  const hooks = hooksOf(desired, declared, "beforeCreate").filter(({ onDryRun }) => onDryRun);
  try {
    for (const hook of hooks) {
      await callHook(hook, callOf(declared, "beforeCreate", ""));
    }
    return step;
  } catch (error) {
    return { ...step, kind: "refuse", reason: (error as Error).message };
  }
}

function hooksOf(desired: DesiredState, declared: Registration, moment: Moment): Hook[] {
  return (declared.hooks[moment] ?? []).map((name) => {
    const hook = desired.hooks.get(name);
    if (hook === undefined) {
      throw new Error(
        `${declared.urn} names the hook ${name}, which the program does not register.`,
      );
    }
    return hook;
  });
}

async function callHook(hook: Hook, call: HookCall): Promise<void> {
  try {
    await hook.call(call);
  } catch (error) {
    // The program says of some hooks that their errors do not count; the engine only warns of them.
    if (hook.ignoreErrors !== true) {
      throw error;
    }
  }
}

function callOf(declared: Registration, moment: Moment, id: string): HookCall {
  const { urn, name, type, inputs } = declared;
  const outputs = moment === "afterCreate" ? { newOutputs: { ...inputs, id } } : {};
  return { urn, id, name, type, newInputs: inputs, ...outputs };
}
