import { planSite } from "../../planning/index";
import { interruptedTakes } from "../../drift/takenMembers";
import { hasUnknown, refusals } from "../../drift/plan";
import type { RestorePointFile } from "../../planning/site";
import type { Reporter } from "../../clients/reporter";
import { closeAll, openAccess, type OpenAccess } from "../../site/up/access";
import { chooseDeployer } from "../../site/up/chooseDeployer";
import type { Deployer } from "../../site/up/deployer";
import { startLab } from "../../site/up/labStart";
import { pinCluster } from "../../site/up/pin";
import { checkFirst } from "../../site/up/preflight";
import { applyConfirmed } from "../../site/up/apply";
import { isChange, review, type Review } from "../../site/up/review";
import { tellResult } from "../../site/up/result";
import { confirmChange } from "../confirm";
import { exitCode, type ExitCode } from "../exit";
import type { GlobalOptions } from "../globalOptions";
import { lostLines, printSteps } from "../print/steps";
import { createReporter } from "../reporter";
import { openStack, type OpenStack } from "../stack";
import { printNotes } from "./preview";

/** Deploys a stack: preflight, preview, confirmation, apply, then reads back what is there. */
export async function up(options: GlobalOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const validated = openStack(options.stack, options.config);
  printNotes(validated, reporter);
  const opened = validated.isLab ? await startLab(validated, options.config, reporter) : validated;
  const deployer = await chooseDeployer(opened, reporter);
  const access = await openAccess(opened);
  try {
    const stack = await pinCluster(opened, access);
    return await deploy(stack, deployer, access, options, reporter);
  } finally {
    await closeAll(access);
  }
}

async function deploy(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  options: GlobalOptions,
  reporter: Reporter,
): Promise<ExitCode> {
  const now = new Date();
  const reviewed = await review(stack, deployer, access, now);
  try {
    const { situation } = reviewed;
    if (!(await checkFirst(stack, reviewed, access, now, reporter))) {
      return exitCode.failed;
    }
    tellReview(reviewed, reporter);
    if (hasUnknown(situation.steps) || refusals(situation.steps).length > 0) {
      reporter.warn("Nothing was changed: see what is refused or could not be read above.");
      return exitCode.failed;
    }
    const interrupted = interruptedTakes(situation.site.restorePoints);
    if (interrupted.length > 0) {
      interruptedLines(stack, interrupted).forEach((line) => reporter.warn(line));
      return exitCode.failed;
    }
    if (isChange(stack, reviewed)) {
      for (const line of await deployer.check(reviewed.candidate.file, situation)) {
        reporter.info(line);
      }
      const how = {
        yes: options.yes === true,
        lab: stack.isLab,
        interactive: process.stdin.isTTY && process.stderr.isTTY,
      };
      if (!(await confirmChange(`Apply this to stack ${stack.name}?`, how))) {
        reporter.info("Nothing was changed.");
        return exitCode.done;
      }
      await deployer.exclusively(() =>
        applyConfirmed({ stack, deployer, access, reviewed, now, reporter }),
      );
    }
  } finally {
    reviewed.candidate.remove();
  }
  return tellResult({ name: stack.name, deployer, access, reporter });
}

/** `up` does not make the product still, and what it cut now would be of another moment than the rest. */
function interruptedLines(
  { isLab, name }: OpenStack,
  points: readonly RestorePointFile[],
): readonly string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  return points.map(
    (point) =>
      `Nothing was changed: the cut of restore point ${point.name} was interrupted. Run ./atom restore-point create ` +
      `${point.name}${option}, which completes it or gives it up.`,
  );
}

function tellReview({ situation, changes }: Review, reporter: Reporter): void {
  const lines = [...printSteps(situation.steps), ...lostLines(changes.lost)];
  lines.forEach((line) => reporter.info(line));
  const { survival } = planSite(situation.site);
  reporter.info(survival.summary);
}
