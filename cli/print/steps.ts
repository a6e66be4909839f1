import type { FieldChange, LostMember, Step, StepKind } from "../../drift/types";

const signs: Record<StepKind, string> = {
  same: " ",
  create: "+",
  update: "~",
  replace: "±",
  delete: "-",
  adopt: "=",
  forget: "○",
  refuse: "!",
  differs: "≠",
  unknown: "?",
};

const words: Record<StepKind, string> = {
  same: "unchanged",
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  adopt: "adopt",
  forget: "forget",
  refuse: "refused",
  differs: "differs",
  unknown: "cannot tell",
};

/** Lines for people about what a deployment would do: changes with their fields, then one line of counts. */
export function printSteps(steps: readonly Step[]): string[] {
  return [...steps.filter((step) => step.kind !== "same").flatMap(stepLines), countLine(steps)];
}

/** Lines that name what would be written as lost: those members can never be rolled back to again. */
export function lostLines(lost: readonly LostMember[]): string[] {
  return lost.map(
    (member) =>
      `! restore point ${member.point}: ${lostObject(member)} is gone and will be marked LOST; it is not cut again, ` +
      "because it would hold another state under the old name",
  );
}

function lostObject(member: LostMember): string {
  return member.kind === "volume"
    ? `the snapshot of claim ${member.namespace}/${member.claim}`
    : `the VM snapshot of ${member.node}`;
}

/** One line of counts, e.g. `2 create, 1 replace, 8 unchanged`. */
export function countLine(steps: readonly Step[]): string {
  const kinds = Object.keys(words) as StepKind[];
  const counts = kinds
    .map((kind) => ({ kind, count: steps.filter((step) => step.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .sort((left, right) => Number(left.kind === "same") - Number(right.kind === "same"))
    .map(({ kind, count }) => `${count} ${words[kind]}`);
  return counts.length === 0 ? "nothing is declared" : counts.join(", ");
}

function stepLines(step: Step): string[] {
  return [
    `${signs[step.kind]} ${words[step.kind]} ${step.object}`,
    ...step.changes.map((change) => `      ${describeChange(change)}`),
    `      ${step.reason}`,
    ...(step.command === undefined ? [] : [`      run: ${step.command}`]),
  ];
}

function describeChange({ path, from, to }: FieldChange): string {
  return `${path}: ${describeValue(from)} -> ${describeValue(to)}`;
}

function describeValue(value: FieldChange["from"]): string {
  return value === undefined ? "(none)" : JSON.stringify(value);
}
