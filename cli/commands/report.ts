import type { Reporter } from "../../clients/reporter";
import { readLabRecord } from "../../lab/index";
import { planSite } from "../../planning/index";
import { describeError, exitCode, type ExitCode } from "../../site/exit";
import { isUnread, lookAround, type Seen } from "../../site/observe";
import type { Finding } from "../../site/preflight/finding";
import { preflight } from "../../site/preflight/preflight";
import { openStack, type OpenStack } from "../../site/stack";
import { inOnePass } from "../../site/up/access";
import { collectDesired } from "../../site/up/reading";
import { writeReportPage } from "../../site/up/reportPage";
import { enterLab, withLive } from "../live";
import type { GlobalOptions } from "../options";
import { createReporter } from "../reporter";

/**
 * Writes the report page with what can be read live; what could not be read is said on the page and here, and makes
 * the exit code 1.
 */
export async function report(options: GlobalOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openStack(options.stack, options.config);
  const plan = planSite(stack.site);
  const { seen, checks } = (await readIfPossible(stack, reporter)) ?? {};
  const path = await writeReportPage({ stack, plan, seen, checks, out: options.out });
  process.stdout.write(`${path}\n`);
  return seen === undefined || isUnread(seen) ? exitCode.failed : exitCode.done;
}

async function readIfPossible(
  stack: OpenStack,
  reporter: Reporter,
): Promise<{ readonly seen: Seen; readonly checks: readonly Finding[] } | undefined> {
  if (stack.isLab && readLabRecord(stack.root) === undefined) {
    reporter.warn("The lab was never started in this checkout; the page shows the plan alone.");
    return undefined;
  }
  try {
    if (stack.isLab) {
      enterLab(stack.root);
    }
    return await withLive(stack, reporter, { readOnly: true }, async (engine, opened) => {
      const { root, raw, site } = stack;
      const access = inOnePass(opened);
      const [state, desired] = await Promise.all([engine.state(), collectDesired(root, raw)]);
      const [seen, checks] = await Promise.all([
        lookAround(stack, { desired, state }, access),
        preflight({ plan: planSite(site), desired, ...access, now: new Date() }),
      ]);
      return { seen, checks };
    });
  } catch (error) {
    reporter.warn(
      `What is live is unknown: ${describeError(error)} The page shows the plan alone.`,
    );
    return undefined;
  }
}
