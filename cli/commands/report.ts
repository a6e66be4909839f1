import { planSite } from "../../planning/index";
import { readLabRecord } from "../../lab/index";
import type { Reporter } from "../../operations/reporter";
import { closeAll, openAccess } from "../deployment/access";
import { chooseDeployer } from "../deployment/chooseDeployer";
import { writeReportPage } from "../deployment/reportPage";
import { readSituation, type Situation } from "../deployment/situation";
import { describeError, exitCode, type ExitCode } from "../exit";
import type { GlobalOptions } from "../globalOptions";
import { enterLab } from "../lab";
import { createReporter } from "../reporter";
import { openStack, type OpenStack } from "../stack";

/**
 * Writes the report page with what can be read live; what could not be read is said on the page and here, and makes
 * the exit code 1.
 */
export async function report(options: GlobalOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openStack(options.stack, options.config);
  const situation = await readIfPossible(stack, reporter);
  const path = await writeReportPage({
    stack,
    plan: planSite(stack.site),
    situation,
    out: options.out,
  });
  process.stdout.write(`${path}\n`);
  const unread =
    situation === undefined ||
    [situation.live.cluster, situation.live.vcenter].some(({ state }) => state === "cannotTell");
  return unread ? exitCode.failed : exitCode.done;
}

async function readIfPossible(
  stack: OpenStack,
  reporter: Reporter,
): Promise<Situation | undefined> {
  if (stack.isLab && readLabRecord(stack.root) === undefined) {
    reporter.warn("The lab was never started in this checkout; the page shows the plan alone.");
    return undefined;
  }
  try {
    if (stack.isLab) {
      enterLab(stack.root);
    }
    const deployer = await chooseDeployer(stack, reporter);
    const access = await openAccess(stack);
    try {
      const { root, site, raw, stackFile } = stack;
      const deployed = await deployer.load(stackFile.path);
      return await readSituation({ root, site, raw, deployed, access });
    } finally {
      await closeAll(access);
    }
  } catch (error) {
    reporter.warn(
      `Cannot tell what is live: ${describeError(error)} The page shows the plan alone.`,
    );
    return undefined;
  }
}
