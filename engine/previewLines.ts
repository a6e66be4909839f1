import type { FieldChange, Step, StepKind } from "../drift/types";
import type { EnginePreview, EngineStep } from "./previewDigest";

/** Kinds of planned steps under which the engine may do something to the resource. */
const acting: readonly StepKind[] = ["create", "update", "replace", "delete"];

/**
 * What the engine would do although no planned step says so: at an object that is thought to be as declared, or
 * at a provider.
 */
export function unconfirmed(preview: EnginePreview, steps: readonly Step[]): EngineStep[] {
  const planned = new Set(steps.filter(({ kind }) => acting.includes(kind)).map(({ urn }) => urn));
  return preview.steps.filter((step) => !planned.has(step.urn) && standsForSomething(step));
}

/**
 * Components, the stack and a provider's first entry are bookkeeping of the engine; a provider's change, though, may
 * reach all its objects.
 */
function standsForSomething({ type, op }: EngineStep): boolean {
  return (
    /^(kubernetes|vsphere):/.test(type) || (type.startsWith("pulumi:providers:") && op !== "create")
  );
}

/** One line for people. */
export function describeEngineStep({ op, type, name, changes }: EngineStep): string {
  const kind = type.startsWith("pulumi:providers:")
    ? "provider"
    : type.slice(type.lastIndexOf(":") + 1);
  return `${op} ${kind} ${name}${changes.length === 0 ? "" : `: ${changes.map(change).join(", ")}`}`;
}

function change({ path, from, to }: FieldChange): string {
  return `${path} ${text(from)} -> ${text(to)}`;
}

function text(value: FieldChange["from"]): string {
  return value === undefined ? "(absent)" : JSON.stringify(value);
}
