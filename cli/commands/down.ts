import type { Reporter } from "../../clients/reporter";
import type { Engine } from "../../engine/engine";
import { readPoints } from "../../restorepoint/knownPoints";
import type { Action } from "../../site/action";
import { readRemoval, removeStack } from "../../site/down/down";
import { readLeftovers, type Leftovers } from "../../site/down/leftovers";
import { exitCode, type ExitCode } from "../../site/exit";
import { stackOption } from "../../config/stackNames";
import type { OpenStack } from "../../site/stack";
import type { OpenAccess } from "../../site/up/access";
import { openLive, stoppedBy, withLive } from "../live";
import type { GlobalOptions } from "../options";
import { writeDocument } from "../print/documents";
import { actionLines } from "../print/findings";
import { leftoversLines } from "../print/leftovers";
import { createReporter } from "../reporter";

type DownOptions = Pick<GlobalOptions, "stack" | "yes" | "json">;

interface Outcome {
  readonly result: "removed" | "nothing" | "declined" | "blocked" | "unknown";
  readonly actions: readonly Action[];
  readonly leftovers: Leftovers;
}

/** Removes a stack's declarations; volumes, snapshots and restore points stay and are listed. */
export async function down(options: DownOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const stack = openLive(options.stack);
  return withLive(stack, reporter, {}, async (engine, access) => {
    const { result, actions, leftovers } = await remove(stack, engine, access, options, reporter);
    if (options.json === true) {
      const points = leftovers.points.map(({ name, state, takenAt }) => ({ name, state, takenAt }));
      await writeDocument("down", stack, { result, actions, stays: { ...leftovers, points } });
    }
    // That something of what stays could not be read is "unknown", even though the removal was done.
    const done = result !== "blocked" && result !== "unknown" && leftovers.unknown.length === 0;
    return done ? exitCode.done : exitCode.failed;
  });
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
  const end = (result: Outcome["result"]): Outcome => ({ result, actions, leftovers });
  reporter.info(
    [
      `Stack ${stack.name}: what \`down\` removes; deployed by ${engine.title}`,
      ...(actions.length === 0 ? ["nothing is recorded as deployed"] : actionLines(actions)),
      "What stays:",
      ...leftoversLines(stack, leftovers).map((text) => `  ${text}`),
    ].join("\n"),
  );
  if (actions.length === 0) {
    return end("nothing");
  }
  const question = `Remove this from stack ${stack.name}?`;
  const stopped = await stoppedBy(actions, question, stack, options, reporter);
  if (stopped !== undefined) {
    return end(stopped);
  }
  await removeStack(stack, actions, engine, access);
  reporter.info(
    [
      "Removed; what stays is listed above.",
      "Next:",
      `  ./atom up${stackOption(stack.name)}   declares it again and takes over what stayed`,
      `  pulumi stack rm ${stack.name}   removes the empty state, for good`,
      ...(stack.isLab ? ["  ./atom lab down   ends the lab and erases its data"] : []),
    ].join("\n"),
  );
  return end("removed");
}
