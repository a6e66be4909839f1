import { exitCode, type ExitCode } from "../../site/exit";
import { isUnread, lookAround, statusNow } from "../../site/observe";
import { inOnePass } from "../../site/up/access";
import { collectDesired } from "../../site/up/reading";
import { openLive, withLive } from "../live";
import { printAnswer } from "../print/answer";
import { writeDocument } from "../print/documents";
import { statusLines } from "../print/status";
import { createReporter } from "../reporter";

interface StatusOptions {
  readonly stack: string;
  readonly json: boolean;
}

/** Says on one screen what the operator has if tonight goes wrong; changes nothing. */
export async function status({ stack: name, json }: StatusOptions): Promise<ExitCode> {
  const stack = openLive(name);
  const seen = await withLive(
    stack,
    createReporter(),
    { readOnly: true },
    async (engine, access) => {
      const [state, desired] = await Promise.all([
        engine.state(),
        collectDesired(stack.root, stack.raw),
      ]);
      return lookAround(stack, { desired, state }, inOnePass(access));
    },
  );
  const told = statusNow(seen, new Date());
  if (json) {
    await writeDocument("status", stack, { status: told });
  } else {
    printAnswer([`Stack ${stack.name}`, ...statusLines(told)]);
  }
  return isUnread(seen) || told.unknown.length > 0 ? exitCode.failed : exitCode.done;
}
