import type { Reporter } from "../../clients/reporter";
import { openEngine, type Engine } from "../../engine/engine";
import { readPoints } from "../../restorepoint/knownPoints";
import { isStopped, type Action } from "../../site/action";
import { readRemoval, removeStack } from "../../site/down/down";
import { readLeftovers, type Leftovers } from "../../site/down/leftovers";
import { exitCode, type ExitCode } from "../../site/exit";
import { openStack, type OpenStack } from "../../site/stack";
import { closeAll, openAccess, type OpenAccess } from "../../site/up/access";
import { confirmChange } from "../confirm";
import type { GlobalOptions } from "../globalOptions";
import { enterLab } from "../lab";
import { documentVersion, writeDocument } from "../print/documents";
import { actionLines } from "../print/findings";
import { leftoversLines } from "../print/leftovers";
import { createReporter } from "../reporter";

export type DownOptions = Pick<GlobalOptions, "stack" | "yes" | "json">;

type Result = "removed" | "nothing" | "declined" | "blocked" | "unknown";

interface Outcome {
  readonly result: Result;
  readonly actions: readonly Action[];
  readonly leftovers: Leftovers;
}

/** Removes a stack's declarations; volumes, snapshots and restore points stay and are listed. */
export async function down(options: DownOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openStack(options.stack, []);
  if (stack.isLab) {
    enterLab(stack.root);
  }
  const { root, name } = stack;
  const engine = await openEngine({ root, stack: name, env: process.env, reporter });
  const access = await openAccess(stack);
  try {
    const outcome = await remove(stack, engine, access, options, reporter);
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
  engine: Engine,
  access: OpenAccess,
  options: DownOptions,
  reporter: Reporter,
): Promise<Outcome> {
  const actions = await readRemoval(stack, engine, access);
  const { points, unknown } = await readPoints({ stack, cluster: access.cluster });
  const left = await readLeftovers({ site: stack.site, points, ...access });
  const leftovers = { ...left, unknown: [...new Set([...unknown, ...left.unknown])] };
  const end = (result: Result): Outcome => ({ result, actions, leftovers });
  for (const line of [
    `Stack ${stack.name}: what \`down\` removes; deployed by ${engine.title}`,
    ...(actions.length === 0 ? ["nothing is recorded as deployed"] : actionLines(actions)),
    "What stays:",
    ...leftoversLines(stack, leftovers).map((text) => `  ${text}`),
  ]) {
    reporter.info(line);
  }
  if (isStopped(actions)) {
    reporter.warn("Nothing was changed: see what is blocked or could not be read above.");
    return end(actions.some(({ kind }) => kind === "unknown") ? "unknown" : "blocked");
  }
  if (actions.length === 0) {
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
  await removeStack(stack, actions, engine, access);
  lastLines(stack).forEach((line) => reporter.info(line));
  return end("removed");
}

function lastLines({ name, isLab }: OpenStack): string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  return [
    "Removed; what stays is listed above.",
    "Next:",
    `  ./atom up${option}   declares it again and takes over what stayed`,
    `  pulumi stack rm ${name}   removes the empty state, for good`,
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
  { result, actions, leftovers }: Outcome,
): Record<string, unknown> {
  return {
    version: documentVersion,
    command: "down",
    stack: stack.name,
    file: stack.raw.file,
    result,
    actions,
    stays: {
      ...leftovers,
      points: leftovers.points.map(({ name, state, takenAt }) => ({ name, state, takenAt })),
    },
  };
}
