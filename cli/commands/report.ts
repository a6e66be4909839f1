import { planSite } from "../../planning/index";
import { readLabRecord } from "../../lab/index";
import type { Reporter } from "../../clients/reporter";
import { observeReplicas, type ObservedReplicas } from "../../drift/replicas/observeReplicas";
import { observeHeldVolumes, type HeldVolumes } from "../../drift/heldVolumes";
import { hasUnknown } from "../../drift/plan";
import type { Finding } from "../../site/preflight/preflight";
import { closeAll, openAccess } from "../../site/up/access";
import { chooseDeployer } from "../../site/up/chooseDeployer";
import { findingsFor } from "../../site/up/preflight";
import { writeReportPage } from "../../site/up/reportPage";
import { readSituation, type Situation } from "../../site/up/situation";
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
  const reading = await readIfPossible(stack, reporter);
  const path = await writeReportPage({
    stack,
    plan: planSite(stack.site),
    ...reading,
    out: options.out,
  });
  process.stdout.write(`${path}\n`);
  const unread =
    reading === undefined ||
    hasUnknown(reading.situation.steps) ||
    reading.replicas.state === "unknown" ||
    reading.heldVolumes.state === "unknown";
  return unread ? exitCode.failed : exitCode.done;
}

/** What was read live. */
interface Reading {
  readonly situation: Situation;
  readonly findings: readonly Finding[];
  readonly replicas: ObservedReplicas;
  readonly heldVolumes: HeldVolumes;
}

async function readIfPossible(stack: OpenStack, reporter: Reporter): Promise<Reading | undefined> {
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
      const situation = await readSituation({ root, site, raw, deployed, access });
      const [findings, replicas, heldVolumes] = await Promise.all([
        findingsFor(situation, access, new Date()),
        observeReplicas(planSite(stack.site), access.cluster),
        observeHeldVolumes(stack.site, access.vcenter),
      ]);
      return { situation, findings, replicas, heldVolumes };
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
