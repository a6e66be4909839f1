import escapeHtml from "escape-html";

import type { VmPlan } from "../../restorepoint/rollback/planVms";
import type { RollbackPlan, RollbackStep } from "../../restorepoint/rollback/types";
import { counted, duration } from "../../planning/words";
import { bytesText } from "./points";

interface Section {
  readonly title: string;
  readonly lines: readonly string[];
}

/** What is shown: VMs come first, where they go back as well or alone. */
export type Procedure = RollbackPlan | VmPlan;

/** A method of procedure: what will be done, in the order in which it is done, and what is to be known before. */
function sections(plan: Procedure): readonly Section[] {
  const { steps, refusals, warnings } = plan;
  return [
    ...("claims" in plan ? volumeSections(plan) : []),
    { title: "To be known before", lines: warnings },
    { title: "Refused because", lines: refusals },
    ...steps.map(({ does, objects, after }: Omit<RollbackStep, "kind">, index) => ({
      title: `Step ${index + 1}: ${does}`,
      lines: [...objects, `Abort point: ${after}.`],
    })),
  ].filter(({ lines }) => lines.length > 0);
}

function volumeSections(plan: RollbackPlan): readonly Section[] {
  const { images, cannotBeUndone } = plan;
  return [
    { title: "What it costs", lines: costLines(plan) },
    { title: "Images that return", lines: images.length === 0 ? ["none differs"] : images },
    { title: "Cannot be undone", lines: cannotBeUndone },
  ];
}

function costLines(plan: RollbackPlan): readonly string[] {
  const { direction, givenUpSeconds, claims, stops, neededBytes, freeBytes } = plan;
  const free =
    freeBytes === undefined ? "how much is free is not known" : `${bytesText(freeBytes)} are free`;
  const minutes = (value: number | undefined): string =>
    value === undefined ? "not measured so far" : `${value} min`;
  return [
    `${counted(claims.length, "claim")} and ${counted(stops.length, "workload")}`,
    `data of ${duration(givenUpSeconds)} is given up; the volumes that have it are kept until they are purged`,
    ...(direction === "back"
      ? [
          `room for ${bytesText(neededBytes)} beside the present volumes, all copies counted; ${free}`,
          `the product runs while volumes are restored and read: ${minutes(plan.restoreMinutes)}, as in the last verification`,
        ]
      : []),
    `the product stops: ${minutes(plan.stopMinutes)}, as in the last rollback`,
  ];
}

function titleOf(plan: Procedure, stack: string): string {
  if (!("claims" in plan)) {
    const what = plan.vms.length === 0 ? "etcd" : `${plan.vms.length} VMs`;
    return `Revert of ${what} of stack ${stack} to restore point ${plan.point}`;
  }
  const { direction, point, release } = plan;
  return direction === "back"
    ? `Rollback of stack ${stack} to restore point ${point}, release ${release}`
    : `Undo of the rollback of stack ${stack} to restore point ${point}`;
}

export function rollbackLines(plan: Procedure, stack: string): readonly string[] {
  return [
    titleOf(plan, stack),
    ...sections(plan).flatMap(({ title, lines }) => [
      "",
      title,
      ...lines.map((line) => `  ${line}`),
    ]),
  ];
}

/** The same as a page of its own, with a box to tick at each step. */
export function rollbackPage(plans: readonly Procedure[], stack: string, now: Date): string {
  const title = escapeHtml(titleOf(plans[0] as Procedure, stack));
  const parts = plans.map((plan) => {
    const shown = sections(plan).map(({ title: heading, lines }) => {
      const box = heading.startsWith("Step ") ? '<input type="checkbox"> ' : "";
      const items = lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("\n");
      return `<section><h2>${box}${escapeHtml(heading)}</h2>\n<ul>\n${items}\n</ul></section>`;
    });
    return `<h1>${escapeHtml(titleOf(plan, stack))}</h1>
<p>Method of procedure of ${escapeHtml(now.toISOString())}; digest of the steps ${plan.digest}. Nothing was changed.</p>
${shown.join("\n")}`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<style>body{font:15px/1.45 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}h2{font-size:1.05em;margin:1.4em 0 .3em}ul{margin:0}@media print{section{break-inside:avoid}}</style></head>
<body>${parts.join("\n")}
</body></html>
`;
}
