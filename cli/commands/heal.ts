import type { Reporter } from "../../clients/reporter";
import { hasUnknown } from "../../drift/findings";
import { openEngine } from "../../engine/openEngine";
import { repairPoint } from "../../restorepoint/rollback/repair";
import { applyHeal, healable, prepareHeal } from "../../site/drift/heal";
import type { Drift } from "../../site/drift/readDrift";
import type { ExitCode } from "../../site/exit";
import type { OpenStack } from "../../site/stack";
import { mayChange, openLive } from "../live";
import type { GlobalOptions } from "../options";
import { printAnswer } from "../print/answer";
import { previewLines } from "../print/findings";
import { createReporter } from "../reporter";
import { driftLines, exitOf, lookForDrift } from "./drift";
import { withSystems } from "./restorePoint/systems";

type HealOptions = Pick<GlobalOptions, "stack" | "yes"> & { readonly timeout: number };

/** Mends what of drift can be mended without risk to data, and prints what is left. */
export async function heal(options: HealOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openLive(options.stack);
  const before = await lookForDrift(stack, options);
  const { targets, points } = healable(before.findings);
  if (hasUnknown(before.findings) || targets.length + points.length === 0) {
    printAnswer(driftLines(before));
    reporter.info(
      hasUnknown(before.findings)
        ? "Nothing was changed: something could not be read."
        : "There is nothing that this command mends.",
    );
    return exitOf(before);
  }
  reporter.info(driftLines(before).join("\n"));
  if (targets.length > 0 && !(await mend(stack, before, targets, options, reporter))) {
    return exitOf(before);
  }
  for (const point of points) {
    await withSystems(stack.name, options.yes === true, (systems) =>
      repairPoint(point, systems, (lines) => reporter.info(lines.join("\n"))),
    );
  }
  const after = await lookForDrift(openLive(options.stack), options);
  printAnswer(driftLines(after));
  return exitOf(after);
}

/** @returns whether it was done */
async function mend(
  stack: OpenStack,
  before: Drift,
  targets: readonly string[],
  options: HealOptions,
  reporter: Reporter,
): Promise<boolean> {
  const { root, name } = stack;
  const engine = await openEngine({ root, stack: name, env: process.env, reporter });
  const prepared = await prepareHeal(stack, before, targets, engine);
  try {
    const { steps, others } = prepared;
    reporter.info(previewLines({ steps, errors: [], warnings: [] }).join("\n"));
    if (others.length > 0) {
      const names = others.map((step) => step.name).join(", ");
      reporter.warn(`Nothing was changed: it would also touch ${names}. Look at ./atom up.`);
      return false;
    }
    if (!(await mayChange(`Mend this on stack ${name}?`, stack, options, reporter))) {
      return false;
    }
    await applyHeal(stack, prepared, engine);
    return true;
  } finally {
    prepared.staged.remove();
  }
}
