import type { DesiredState, HookCall, Registration } from "../../host/desiredState";
import type { Step } from "./types";

/** Runs the hooks of one moment, as the engine does: in order, and the first that throws ends it. */
export async function runHooks(
  desired: DesiredState,
  declared: Registration,
  moment: "beforeCreate" | "afterCreate",
  id: string,
): Promise<void> {
  for (const name of declared.hooks[moment] ?? []) {
    const hook = desired.hooks.get(name);
    if (hook === undefined) {
      throw new Error(
        `${declared.urn} names the hook ${name}, which the program does not register.`,
      );
    }
    await hook.call(callOf(declared, moment, id));
  }
}

/**
 * What hooks say to a deployment before it is one: a hook that also runs on previews and throws turns its step into a
 * refused one. They are the program's own last word, which plain `pulumi` has as well.
 */
export async function dryRunHooks(desired: DesiredState, steps: readonly Step[]): Promise<Step[]> {
  const checked: Step[] = [];
  for (const step of steps) {
    checked.push(await dryRunStep(desired, step));
  }
  return checked;
}

async function dryRunStep(desired: DesiredState, step: Step): Promise<Step> {
  if (step.kind !== "create" && step.kind !== "replace") {
    return step;
  }
  const declared = desired.registrations.find(({ urn }) => urn === step.urn);
  for (const name of declared?.hooks["beforeCreate"] ?? []) {
    const hook = desired.hooks.get(name);
    if (declared !== undefined && hook?.onDryRun === true) {
      try {
        await hook.call(callOf(declared, "beforeCreate", ""));
      } catch (error) {
        return { ...step, kind: "refuse", reason: (error as Error).message };
      }
    }
  }
  return step;
}

function callOf(declared: Registration, moment: string, id: string): HookCall {
  const { urn, name, type, inputs } = declared;
  const outputs = moment === "afterCreate" ? { newOutputs: { ...inputs, id } } : {};
  return { urn, id, name, type, newInputs: inputs, ...outputs };
}
