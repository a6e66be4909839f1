import type { Reporter } from "../../clients/reporter";
import { survivalNow } from "../../drift/nodes";
import type { Engine } from "../../engine/engine";
import { planSite } from "../../planning/index";
import { exitCode, type ExitCode } from "../../site/exit";
import { tellFindings } from "../../site/preflight/finding";
import { stackOption } from "../../config/stackNames";
import { openStack, type OpenStack } from "../../site/stack";
import { inOnePass, pinCluster, type OpenAccess } from "../../site/up/access";
import { applyPrepared } from "../../site/up/apply";
import { isChange, prepare, type Prepared } from "../../site/up/prepare";
import { readResult, type Result } from "../../site/up/reportPage";
import { mayChange, withLive } from "../live";
import type { GlobalOptions } from "../options";
import { findingLines, lostLines, previewLines } from "../print/findings";
import { readBackLines } from "../print/readBack";
import { survivalLines } from "../print/survival";
import { createReporter } from "../reporter";
import { startLab } from "../startLab";
import { printNotes } from "./preview";

/** Deploys a stack: checks, preview, confirmation, deployment, then reads back what is there. */
export async function up(options: GlobalOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const validated = openStack(options.stack, options.config);
  printNotes(validated, reporter);
  const opened = validated.isLab ? await startLab(validated, options.config, reporter) : validated;
  return withLive(opened, reporter, {}, async (engine, access) =>
    deploy(await pinCluster(opened, access), engine, access, options, reporter),
  );
}

async function deploy(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
  options: GlobalOptions,
  reporter: Reporter,
): Promise<ExitCode> {
  const now = new Date();
  reporter.info(`Stack ${stack.name}, deployed by ${engine.title}`);
  const prepared = await prepare(stack, engine, inOnePass(access), now);
  try {
    tellPrepared(prepared, reporter);
    if (prepared.against.length > 0) {
      return exitCode.failed;
    }
    if (isChange(prepared)) {
      const question = `Apply this to stack ${stack.name}?`;
      if (!(await mayChange(question, stack, options, reporter))) {
        return exitCode.done;
      }
      await applyPrepared(prepared, engine, now, reporter);
    }
    const result = await readResult(prepared, access);
    tellResult(stack, result, reporter);
    return result.unread ? exitCode.failed : exitCode.done;
  } finally {
    prepared.staged.remove();
  }
}

function tellPrepared(prepared: Prepared, reporter: Reporter): void {
  const { stack, staged, changes, reading, checks, preview, against } = prepared;
  const plan = planSite(staged.site);
  tellFindings(checks, reporter);
  reporter.info(
    [
      ...findingLines(reading.findings),
      ...lostLines(changes.lost),
      ...(preview === undefined ? [] : previewLines(preview)),
      ...survivalLines(plan, survivalNow(plan, reading.live)),
    ].join("\n"),
  );
  if (against.length > 0) {
    against.forEach((line) => reporter.warn(line));
    reporter.warn(`Nothing was changed on stack ${stack.name}.`);
  }
}

function tellResult(stack: OpenStack, { seen, report }: Result, reporter: Reporter): void {
  const { isLab, site } = stack;
  const option = stackOption(stack.name);
  reporter.info(
    [
      "",
      "Read back:",
      ...readBackLines(seen).map((text) => `  ${text}`),
      seen.plan.survival.summary,
      `Report: ${report}`,
      "Next:",
      `  ./atom preview --expect-no-changes${option}   whether all this is still true (exit 7: it is not)`,
      `  ./atom up -c replicationFactor=${site.replicationFactor + 1}${option}     raise the number of copies`,
      isLab
        ? '  eval "$(./atom lab env)"                     let kubectl, govc and pulumi reach the lab'
        : `  ./atom report${option}                        the report page again`,
      ...(isLab ? ["The lab keeps running; ./atom lab stop ends it and keeps its data."] : []),
    ].join("\n"),
  );
}
