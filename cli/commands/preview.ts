import { formatProblems } from "../../config/problems";
import type { Reporter } from "../../clients/reporter";
import { hasUnknown } from "../../drift/findings";
import { planSite } from "../../planning/index";
import { exitCode, type ExitCode } from "../../site/exit";
import { tellFindings } from "../../site/preflight/finding";
import { judgeDeclared, waive } from "../../site/preflight/rules/judge";
import { openStack, type OpenStack } from "../../site/stack";
import { collectDesired } from "../../site/up/reading";
import type { GlobalOptions } from "../options";
import { declaredLines, declaredDocument } from "../print/declared";
import { replicasLines } from "../print/replicas";
import { printAnswer } from "../print/answer";
import { liveFields, writeDocument } from "../print/documents";
import { printHeldVolumes, printReplicaPlan, printSurvival } from "../print/survival";
import { createReporter } from "../reporter";

/** What `up` would do, read live; or, offline, what the program declares. */
export async function preview(options: GlobalOptions): Promise<ExitCode> {
  const stack = openStack(options.stack, options.config);
  const reporter = createReporter();
  printNotes(stack, reporter);
  return options.offline === true
    ? previewOffline(stack, options, reporter)
    : previewLive(stack, options, reporter);
}

/** Says what is worth saying of an accepted stack: the rules that waivers pass. */
export function printNotes(stack: OpenStack, reporter: Reporter): void {
  if (stack.waived.length > 0) {
    reporter.warn(`waived: ${formatProblems(stack.waived, stack.raw.file)}`);
  }
}

async function previewOffline(
  stack: OpenStack,
  options: GlobalOptions,
  reporter: Reporter,
): Promise<ExitCode> {
  const plan = planSite(stack.site);
  const desired = await collectDesired(stack.root, stack.raw);
  const checks = waive(judgeDeclared(plan, desired.registrations), stack.site, new Date());
  tellFindings(checks, reporter);
  if (options.json === true) {
    const declared = declaredDocument(desired);
    const { waived } = stack;
    const fields = { waived, survival: plan.survival, offline: true, checks, declared };
    await writeDocument("preview", stack, fields);
    return exitCode.done;
  }
  printAnswer([
    `Stack ${stack.name}, offline: what the program declares (nothing was read from a live system)`,
    ...declaredLines(desired),
    ...printReplicaPlan(plan),
    ...printSurvival(plan),
  ]);
  return exitCode.done;
}

async function previewLive(
  stack: OpenStack,
  options: GlobalOptions,
  reporter: Reporter,
): Promise<ExitCode> {
  // What reads live systems is loaded only here: an offline preview does without it.
  const [
    { enterLab, withLive },
    { inOnePass },
    { hasChanges, prepare },
    { observe },
    lines,
    nodes,
  ] = await Promise.all([
    import("../live.js"),
    import("../../site/up/access.js"),
    import("../../site/up/prepare.js"),
    import("../../site/observe.js"),
    import("../print/findings.js"),
    import("../../drift/nodes.js"),
  ]);
  if (stack.isLab) {
    enterLab(stack.root);
  }
  return withLive(stack, reporter, { readOnly: true }, async (engine, opened) => {
    const access = inOnePass(opened);
    const plan = planSite(stack.site);
    const [prepared, seen] = await Promise.all([
      prepare(stack, engine, access, new Date()),
      observe(plan, access),
    ]);
    prepared.staged.remove();
    const { reading, checks, preview, against } = prepared;
    tellFindings(checks, reporter);
    if (options.json === true) {
      const { waived } = stack;
      const fields = { waived, survival: plan.survival, ...liveFields(prepared, seen) };
      await writeDocument("preview", stack, fields);
    } else {
      printAnswer([
        `Stack ${stack.name}, read live; deployed by ${engine.title}`,
        ...lines.findingLines(reading.findings),
        ...(preview === undefined ? against : lines.previewLines(preview)),
        ...replicasLines(seen.replicas),
        ...printSurvival(plan, nodes.survivalNow(plan, reading.live)),
        ...printHeldVolumes(seen.heldVolumes),
      ]);
    }
    // "Unknown" wins over "differs"; a difference counts only where none was expected.
    if (hasUnknown(reading.findings)) {
      return exitCode.failed;
    }
    return options.expectNoChanges === true && hasChanges(prepared)
      ? exitCode.drift
      : exitCode.done;
  });
}
