import { editStackText, writeStackFile } from "../../config/stackFile";
import { labelObjects } from "../../site/adopt/labelObjects";
import { planAdopt, type AdoptPlan } from "../../site/adopt/planAdopt";
import { hasUnknown, refusals } from "../../drift/plan";
import type { Reporter } from "../../clients/reporter";
import { confirmChange } from "../confirm";
import { closeAll, openAccess, type OpenAccess } from "../../site/up/access";
import { chooseDeployer } from "../../site/up/chooseDeployer";
import type { Deployer } from "../../site/up/deployer";
import { pinCluster } from "../../site/up/pin";
import { application, readStack, requirePinned, requireSame } from "../../site/up/reading";
import { exitCode, type ExitCode } from "../exit";
import type { GlobalOptions } from "../globalOptions";
import { enterLab } from "../lab";
import { documentVersion, writeDocument } from "../print/documents";
import { printSteps } from "../print/steps";
import { createReporter } from "../reporter";
import { openStack, type OpenStack } from "../stack";

export interface AdoptOptions extends Pick<GlobalOptions, "stack" | "yes" | "json"> {
  readonly differing: boolean;
}

type Result = "adopted" | "nothing" | "declined" | "refused" | "unknown";

interface Outcome {
  readonly result: Result;
  readonly plan: AdoptPlan;
}

/** Takes over what lives already: compares field by field, then records, or refuses. */
export async function adopt(options: AdoptOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const opened = openStack(options.stack, []);
  if (opened.isLab) {
    enterLab(opened.root);
  }
  const deployer = await chooseDeployer(opened, reporter);
  const access = await openAccess(opened);
  try {
    const stack = await pinCluster(opened, access);
    const { result, plan } = await takeOver(stack, deployer, access, options, reporter);
    if (options.json === true) {
      const { steps, absent } = plan;
      const { name, raw } = stack;
      const head = { version: documentVersion, command: "adopt", stack: name, file: raw.file };
      await writeDocument({ ...head, result, steps, absent });
    }
    return result === "refused" || result === "unknown" ? exitCode.failed : exitCode.done;
  } finally {
    await closeAll(access);
  }
}

async function takeOver(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  options: AdoptOptions,
  reporter: Reporter,
): Promise<Outcome> {
  const points = stack.site.restorePoints;
  const { differing } = options;
  const reading = await readStack(stack, deployer, access);
  requirePinned(stack, reading);
  const plan = planAdopt({ ...reading, points, differing });
  const { steps, absent } = plan;
  for (const line of [
    `Stack ${stack.name}: what \`adopt\` takes over; recorded by ${deployer.title}`,
    ...printSteps(steps),
    ...absent.map(({ object, reason }) => `  not taken over: ${object}: ${reason}`),
  ]) {
    reporter.info(line);
  }
  if (hasUnknown(steps) || refusals(steps).length > 0) {
    reporter.warn("Nothing was changed: see what is refused or could not be read above.");
    return { result: hasUnknown(steps) ? "unknown" : "refused", plan };
  }
  if (!steps.some(({ kind }) => kind === "adopt")) {
    reporter.info("There is nothing to take over.");
    return { result: "nothing", plan };
  }
  const how = {
    yes: options.yes === true,
    lab: stack.isLab,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
  };
  if (!(await confirmChange(`Take this over into stack ${stack.name}?`, how))) {
    reporter.info("Nothing was changed.");
    return { result: "declined", plan };
  }
  await deployer.exclusively(async () => {
    const again = await readStack(stack, deployer, access);
    requireSame(steps, planAdopt({ ...again, points, differing }).steps);
    if (stack.edits.length > 0) {
      writeStackFile(stack.stackFile.path, editStackText(stack.stackFile, [...stack.edits]));
    }
    if (plan.labels.size > 0 && access.cluster.state === "open") {
      await labelObjects(access.cluster.client, again.desired, plan.labels);
    }
    await deployer.adopt(application(stack, again, steps, access));
  });
  lastLines(stack, plan).forEach((line) => reporter.info(line));
  return { result: "adopted", plan };
}

function lastLines({ name, isLab }: OpenStack, { steps }: AdoptPlan): string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  const adopted = steps.filter(({ kind }) => kind === "adopt").length;
  return [
    `Taken over: ${adopted}.`,
    "Next:",
    `  ./atom preview${option}   what \`up\` would still change`,
  ];
}
