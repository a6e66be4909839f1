import type { Finding, FindingKind, LostMember } from "../../drift/types";
import type { FieldChange } from "../../engine/preview";
import { liveSteps, type EngineOperation, type EnginePreview } from "../../engine/preview";
import type { Action, ActionKind } from "../../site/action";

const findingSigns: Record<FindingKind, readonly [sign: string, words: string]> = {
  same: [" ", "as declared"],
  missing: ["+", "missing"],
  differs: ["≠", "differs"],
  lost: ["!", "lost"],
  foreign: ["!", "foreign"],
  undeclared: ["○", "not declared any more"],
  unknown: ["?", "unknown"],
};

const actionSigns: Record<ActionKind, readonly [sign: string, words: string]> = {
  same: [" ", "unchanged"],
  import: ["=", "import"],
  delete: ["-", "delete"],
  removeFromState: ["○", "remove from state"],
  blocked: ["!", "blocked"],
  unknown: ["?", "unknown"],
};

const operationSigns: Record<EngineOperation, string> = {
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  import: "=",
  other: "·",
};

export function kindWords(kind: FindingKind): string {
  return findingSigns[kind][1];
}

/** Lines for people about where live systems are not as declared, then one line of counts. */
export function findingLines(findings: readonly Finding[]): string[] {
  return linesOf(findings, findingSigns);
}

/** The same about what a command would do to each object. */
export function actionLines(actions: readonly Action[]): string[] {
  return linesOf(actions, actionSigns);
}

/** Lines for people about what the engine's preview says will happen. */
export function previewLines(preview: EnginePreview): string[] {
  const steps = liveSteps(preview);
  return steps.length === 0
    ? ["pulumi would change nothing in the live systems"]
    : [
        "pulumi would:",
        ...steps.flatMap(({ op, type, name, changes }) => [
          `${operationSigns[op]} ${op} ${type.slice(type.lastIndexOf(":") + 1)} ${name}`,
          ...changes.map(changeLine),
        ]),
      ];
}

/** Lines that name what would be marked as lost: those members can never be rolled back to again. */
export function lostLines(lost: readonly LostMember[]): string[] {
  return lost.map(
    ({ point, node }) =>
      `! restore point ${point}: the VM snapshot of ${node} is gone and will be marked LOST; it is not taken again, ` +
      "because it would hold another state under the old name",
  );
}

type Line = Pick<Finding, "object" | "changes" | "reason" | "command">;

function linesOf<K extends string>(
  all: readonly (Line & { readonly kind: K })[],
  signs: Readonly<Record<K, readonly [string, string]>>,
): string[] {
  const counts = (Object.keys(signs) as K[])
    .map((kind) => ({ kind, count: all.filter((one) => one.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .sort((left, right) => Number(left.kind === "same") - Number(right.kind === "same"))
    .map(({ kind, count }) => `${count} ${signs[kind][1]}`);
  return [
    ...all
      .filter(({ kind }) => kind !== "same")
      .flatMap(({ kind, object, changes, reason, command }) => [
        `${signs[kind][0]} ${signs[kind][1]}: ${object}`,
        ...changes.map(changeLine),
        `      ${reason}`,
        ...(command === undefined ? [] : [`      run: ${command}`]),
      ]),
    counts.length === 0 ? "nothing is declared" : counts.join(", "),
  ];
}

/** A field with its live and its declared value. */
export function changeLine({ path, from, to }: FieldChange): string {
  const shown = (value: FieldChange["from"]): string =>
    value === undefined ? "(none)" : JSON.stringify(value);
  return `      ${path}: ${shown(from)} -> ${shown(to)}`;
}
