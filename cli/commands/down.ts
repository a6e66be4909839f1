import { hasUnknown, refusals } from "../../drift/plan";
import type { Step } from "../../drift/types";
import { planDown } from "../../site/down/planDown";
import { readLeftovers, type Leftovers } from "../../site/down/leftovers";
import type { Reporter } from "../../clients/reporter";
import { confirmChange } from "../confirm";
import { closeAll, openAccess, type OpenAccess } from "../../site/up/access";
import { chooseDeployer } from "../../site/up/chooseDeployer";
import type { Deployer } from "../../site/up/deployer";
import { application, readStack, requirePinned, requireSame } from "../../site/up/reading";
import { exitCode, type ExitCode } from "../exit";
import type { GlobalOptions } from "../globalOptions";
import { enterLab } from "../lab";
import { documentVersion, writeDocument } from "../print/documents";
import { leftoversLines } from "../print/leftovers";
import { printSteps } from "../print/steps";
import { createReporter } from "../reporter";
import { openStack, type OpenStack } from "../stack";

export type DownOptions = Pick<GlobalOptions, "stack" | "yes" | "json">;

type Result = "removed" | "nothing" | "declined" | "refused" | "unknown";

interface Outcome {
  readonly result: Result;
  readonly steps: readonly Step[];
  readonly leftovers: Leftovers;
}

/** Removes a stack's declarations; volumes, snapshots and restore points stay and are listed. */
export async function down(options: DownOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openStack(options.stack, []);
  if (stack.isLab) {
    enterLab(stack.root);
  }
  const deployer = await chooseDeployer(stack, reporter);
  const access = await openAccess(stack);
  try {
    const outcome = await remove(stack, deployer, access, options, reporter);
    if (options.json === true) {
      await writeDocument(document(stack, outcome));
    }
    return exitCodeFor(outcome);
  } finally {
    await closeAll(access);
  }
}

async function remove(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  options: DownOptions,
  reporter: Reporter,
): Promise<Outcome> {
  const { site } = stack;
  const points = site.restorePoints;
  const reading = await readStack(stack, deployer, access);
  requirePinned(stack, reading);
  const steps = planDown({ ...reading, points });
  const leftovers = await readLeftovers({ site, ...access });
  const end = (result: Result): Outcome => ({ result, steps, leftovers });
  for (const line of [
    `Stack ${stack.name}: what \`down\` removes; deployed by ${deployer.title}`,
    ...(steps.length === 0 ? ["nothing is recorded as deployed"] : printSteps(steps)),
    "What stays:",
    ...leftoversLines(stack, leftovers).map((text) => `  ${text}`),
  ]) {
    reporter.info(line);
  }
  if (hasUnknown(steps) || refusals(steps).length > 0) {
    reporter.warn("Nothing was changed: see what is refused or could not be read above.");
    return end(hasUnknown(steps) ? "unknown" : "refused");
  }
  if (steps.length === 0) {
    return end("nothing");
  }
  const how = {
    yes: options.yes === true,
    lab: stack.isLab,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
  };
  if (!(await confirmChange(`Remove this from stack ${stack.name}?`, how))) {
    reporter.info("Nothing was changed.");
    return end("declined");
  }
  await deployer.exclusively(async () => {
    const again = await readStack(stack, deployer, access);
    requireSame(steps, planDown({ ...again, points }));
    await deployer.remove(application(stack, again, steps, access));
  });
  await verify(stack, deployer, access);
  lastLines(stack, deployer).forEach((line) => reporter.info(line));
  return end("removed");
}

/** What counts is what the API server says afterwards. */
async function verify(stack: OpenStack, deployer: Deployer, access: OpenAccess): Promise<void> {
  const reading = await readStack(stack, deployer, access);
  const left = planDown({ ...reading, points: stack.site.restorePoints });
  if (left.length > 0) {
    const objects = left.map(({ object }) => object).join(", ");
    throw new Error(`Still there: ${objects}. Run ./atom down again to go on from here.`);
  }
}

function lastLines({ name, isLab }: OpenStack, { way }: Deployer): string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  return [
    "Removed; what stays is listed above.",
    "Next:",
    `  ./atom up${option}   declares it again and takes over what stayed`,
    ...(way === "pulumi" ? [`  pulumi stack rm ${name}   removes the empty state, for good`] : []),
    ...(isLab ? ["  ./atom lab down   ends the lab and erases its data"] : []),
  ];
}

/** That something of what stays could not be read is "could not tell", even though the removal was done. */
function exitCodeFor({ result, leftovers }: Outcome): ExitCode {
  const done = result === "removed" || result === "nothing" || result === "declined";
  return done && leftovers.unknown.length === 0 ? exitCode.done : exitCode.failed;
}

function document(
  stack: OpenStack,
  { result, steps, leftovers }: Outcome,
): Record<string, unknown> {
  return {
    version: documentVersion,
    command: "down",
    stack: stack.name,
    file: stack.raw.file,
    result,
    steps,
    stays: {
      ...leftovers,
      points: leftovers.points.map(({ name, state, takenAt }) => ({ name, state, takenAt })),
    },
  };
}
