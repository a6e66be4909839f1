import type { Reporter } from "../../clients/reporter";
import type { Engine } from "../../engine/engine";
import { adoptPlanned, readAdoption } from "../../site/adopt/adopt";
import type { AdoptPlan } from "../../site/adopt/planAdopt";
import { isStopped } from "../../site/action";
import { exitCode, type ExitCode } from "../../site/exit";
import { stackOption } from "../../config/stackNames";
import type { OpenStack } from "../../site/stack";
import { pinCluster, type OpenAccess } from "../../site/up/access";
import { openLive, stoppedBy, withLive } from "../live";
import type { GlobalOptions } from "../options";
import { writeDocument } from "../print/documents";
import { actionLines } from "../print/findings";
import { createReporter } from "../reporter";

interface AdoptOptions extends Pick<GlobalOptions, "stack" | "yes" | "json"> {
  readonly differing: boolean;
}

interface Outcome {
  readonly result: "adopted" | "nothing" | "declined" | "blocked" | "unknown";
  readonly plan: AdoptPlan;
}

/** Takes over what lives already: compares field by field, then records, or refuses. */
export async function adopt(options: AdoptOptions): Promise<ExitCode> {
  const reporter = createReporter();
  const opened = openLive(options.stack);
  return withLive(opened, reporter, {}, async (engine, access) => {
    const stack = await pinCluster(opened, access);
    const { result, plan } = await takeOver(stack, engine, access, options, reporter);
    if (options.json === true) {
      const { actions, absent } = plan;
      await writeDocument("adopt", stack, { result, actions, absent });
    }
    return result === "blocked" || result === "unknown" ? exitCode.failed : exitCode.done;
  });
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
  reporter.info(
    [
      `Stack ${stack.name}: what \`adopt\` takes over; imported by ${engine.title}`,
      ...actionLines(actions),
      ...absent.map(({ object, reason }) => `  not taken over: ${object}: ${reason}`),
    ].join("\n"),
  );
  const adopted = actions.filter(({ kind }) => kind === "import").length;
  if (adopted === 0 && !isStopped(actions)) {
    reporter.info("There is nothing to take over.");
    return { result: "nothing", plan };
  }
  const question = `Take this over into stack ${stack.name}?`;
  const stopped = await stoppedBy(actions, question, stack, options, reporter);
  if (stopped !== undefined) {
    return { result: stopped, plan };
  }
  await adoptPlanned(stack, plan, engine, access, options.differing);
  reporter.info(
    `Taken over: ${adopted}.\nNext:\n` +
      `  ./atom preview${stackOption(stack.name)}   what \`up\` would still change`,
  );
  return { result: "adopted", plan };
}
