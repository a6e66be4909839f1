import type { Reporter } from "../../clients/reporter";
import { hasUnknown } from "../../drift/findings";
import { readLabRecord } from "../../lab/index";
import { planSite } from "../../planning/index";
import { readPoints, type KnownPoints } from "../../restorepoint/knownPoints";
import { describeError, exitCode, type ExitCode } from "../../site/exit";
import { observe, type Observed } from "../../site/observe";
import { preflight, type Finding } from "../../site/preflight/preflight";
import { openStack, type OpenStack } from "../../site/stack";
import { collectDesired, readStack, type Reading } from "../../site/up/reading";
import { writeReportPage } from "../../site/up/reportPage";
import { enterLab } from "../lab";
import { withLive } from "../live";
import type { GlobalOptions } from "../options";
import { createReporter } from "../reporter";

/**
 * Writes the report page with what can be read live; what could not be read is said on the page and here, and makes
 * the exit code 1.
 */
export async function report(options: GlobalOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openStack(options.stack, options.config);
  const seen = await readIfPossible(stack, reporter);
  const path = await writeReportPage({
    stack,
    plan: planSite(stack.site),
    ...seen,
    out: options.out,
  });
  process.stdout.write(`${path}\n`);
  const unread =
    seen === undefined ||
    hasUnknown(seen.reading.findings) ||
    seen.known.unknown.length > 0 ||
    seen.replicas.state === "unknown" ||
    seen.heldVolumes.state === "unknown";
  return unread ? exitCode.failed : exitCode.done;
}

/** What was read live. */
interface Seen extends Observed {
  readonly reading: Reading;
  readonly known: KnownPoints;
  readonly checks: readonly Finding[];
}

async function readIfPossible(stack: OpenStack, reporter: Reporter): Promise<Seen | undefined> {
  if (stack.isLab && readLabRecord(stack.root) === undefined) {
    reporter.warn("The lab was never started in this checkout; the page shows the plan alone.");
    return undefined;
  }
  try {
    if (stack.isLab) {
      enterLab(stack.root);
    }
    return await withLive(stack, reporter, { readOnly: true }, async (engine, access) => {
      const { root, raw, site, stackFile } = stack;
      const plan = planSite(site);
      const [state, desired] = await Promise.all([
        engine.state(stackFile.path),
        collectDesired(root, raw),
      ]);
      const [reading, known, checks, observed] = await Promise.all([
        readStack(desired, state, site, access),
        readPoints({ stack, cluster: access.cluster }),
        preflight({ plan, desired, ...access, now: new Date() }),
        observe(plan, access),
      ]);
      return { reading, known, checks, ...observed };
    });
  } catch (error) {
    reporter.warn(
      `What is live is unknown: ${describeError(error)} The page shows the plan alone.`,
    );
    return undefined;
  }
}
