import { formatProblems } from "../../config/problems";
import type { Reporter } from "../../clients/reporter";
import { hasChanges, hasUnknown } from "../../drift/plan";
import { observeReplicas } from "../../drift/replicas/observeReplicas";
import { observeHeldVolumes } from "../../drift/heldVolumes";
import { planSite } from "../../planning/index";
import { closeAll, openAccess } from "../../site/up/access";
import { makeCandidate, pointsToTake, type Candidate } from "../../site/up/candidate";
import { chooseDeployer } from "../../site/up/chooseDeployer";
import { collectDesired, readSituation, type Situation } from "../../site/up/situation";
import { exitCode, type ExitCode } from "../exit";
import type { GlobalOptions } from "../globalOptions";
import { enterLab } from "../lab";
import { replicasLines } from "../print/replicas";
import { declaredLines, declaredDocument } from "../print/declared";
import { previewDocument, offlineDocument, writeDocument } from "../print/documents";
import { printSteps } from "../print/steps";
import { printHeldVolumes, printReplicaPlan, printSurvival } from "../print/survival";
import { createReporter } from "../reporter";
import { openStack, type OpenStack } from "../stack";

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
  if (options.json === true) {
    await writeDocument(offlineDocument(stack, plan, declaredDocument(desired)));
    return exitCode.done;
  }
  for (const line of [
    `Stack ${stack.name}, offline: what the program declares (nothing was read from a live system)`,
    ...declaredLines(desired),
    ...printReplicaPlan(plan),
    ...printSurvival(plan.survival),
  ]) {
    reporter.info(line);
  }
  return exitCode.done;
}

async function previewLive(
  stack: OpenStack,
  options: GlobalOptions,
  reporter: Reporter,
): Promise<ExitCode> {
  if (stack.isLab) {
    enterLab(stack.root);
  }
  const deployer = await chooseDeployer(stack, reporter);
  const taken = pointsToTake(stack.site.restorePoints);
  const access = await openAccess(stack);
  let candidate: Candidate | undefined;
  try {
    candidate = makeCandidate(stack, { taken, lost: [] }, new Date());
    const situation = await readSituation({
      root: stack.root,
      site: candidate.site,
      raw: candidate.raw,
      deployed: await deployer.load(candidate.file),
      access,
    });
    const plan = planSite(stack.site);
    const [replicas, held] = await Promise.all([
      observeReplicas(plan, access.cluster),
      observeHeldVolumes(stack.site, access.vcenter),
    ]);
    if (options.json === true) {
      await writeDocument(previewDocument(stack, plan, situation, { replicas, heldVolumes: held }));
    } else {
      reporter.info(`Stack ${stack.name}, read live; deployed by ${deployer.title}`);
      printSteps(situation.steps).forEach((line) => reporter.info(line));
      replicasLines(replicas).forEach((line) => reporter.info(line));
      printSurvival(plan.survival).forEach((line) => reporter.info(line));
      printHeldVolumes(held).forEach((line) => reporter.info(line));
    }
    return previewExitCode(situation, options.expectNoChanges === true);
  } finally {
    await closeAll(access);
    candidate?.remove();
  }
}

/** "Could not tell" wins over "differs"; a difference counts only where none was expected. */
function previewExitCode(situation: Situation, expectNoChanges: boolean): ExitCode {
  if (hasUnknown(situation.steps)) {
    return exitCode.failed;
  }
  return expectNoChanges && hasChanges(situation.steps) ? exitCode.drift : exitCode.done;
}
