import type { Reporter } from "../../clients/reporter";
import { openEngine, type Engine } from "../../engine/engine";
import { isStopped } from "../../site/action";
import { adoptPlanned, readAdoption } from "../../site/adopt/adopt";
import type { AdoptPlan } from "../../site/adopt/planAdopt";
import { exitCode, type ExitCode } from "../../site/exit";
import { openStack, type OpenStack } from "../../site/stack";
import { closeAll, openAccess, type OpenAccess } from "../../site/up/access";
import { pinCluster } from "../../site/up/pin";
import { confirmChange } from "../confirm";
import type { GlobalOptions } from "../globalOptions";
import { enterLab } from "../lab";
import { documentVersion, writeDocument } from "../print/documents";
import { actionLines } from "../print/findings";
import { createReporter } from "../reporter";

export interface AdoptOptions extends Pick<GlobalOptions, "stack" | "yes" | "json"> {
  readonly differing: boolean;
}

type Result = "adopted" | "nothing" | "declined" | "blocked" | "unknown";

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
  const { root, name } = opened;
  const engine = await openEngine({ root, stack: name, env: process.env, reporter });
  const access = await openAccess(opened);
  try {
    const stack = await pinCluster(opened, access);
    const { result, plan } = await takeOver(stack, engine, access, options, reporter);
    if (options.json === true) {
      const { actions, absent } = plan;
      const { raw } = stack;
      const head = { version: documentVersion, command: "adopt", stack: name, file: raw.file };
      await writeDocument({ ...head, result, actions, absent });
    }
    return result === "blocked" || result === "unknown" ? exitCode.failed : exitCode.done;
  } finally {
    await closeAll(access);
  }
}

async function takeOver(
  stack: OpenStack,
  engine: Engine,
  access: OpenAccess,
  options: AdoptOptions,
  reporter: Reporter,
): Promise<Outcome> {
  const plan = await readAdoption(stack, engine, access, options.differing);
  const { actions, absent } = plan;
  for (const line of [
    `Stack ${stack.name}: what \`adopt\` takes over; imported by ${engine.title}`,
    ...actionLines(actions),
    ...absent.map(({ object, reason }) => `  not taken over: ${object}: ${reason}`),
  ]) {
    reporter.info(line);
  }
  if (isStopped(actions)) {
    reporter.warn("Nothing was changed: see what is blocked or could not be read above.");
    return { result: actions.some(({ kind }) => kind === "unknown") ? "unknown" : "blocked", plan };
  }
  if (!actions.some(({ kind }) => kind === "import")) {
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
  await adoptPlanned(stack, plan, engine, access, options.differing);
  lastLines(stack, plan).forEach((line) => reporter.info(line));
  return { result: "adopted", plan };
}

function lastLines({ name, isLab }: OpenStack, { actions }: AdoptPlan): string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  const adopted = actions.filter(({ kind }) => kind === "import").length;
  return [
    `Taken over: ${adopted}.`,
    "Next:",
    `  ./atom preview${option}   what \`up\` would still change`,
  ];
}
