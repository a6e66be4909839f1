import { exitCode, type ExitCode } from "../../site/exit";
import { statusOf } from "../../site/status/status";
import { openLive } from "../live";
import { printAnswer } from "../print/answer";
import { writeDocument } from "../print/documents";
import { statusLines } from "../print/status";
import { lookForDrift } from "./drift";

interface StatusOptions {
  readonly stack: string;
  readonly timeout: number;
  readonly json: boolean;
}

/** Says on one screen what the operator has if tonight goes wrong; changes nothing. */
export async function status(options: StatusOptions): Promise<ExitCode> {
  const stack = openLive(options.stack);
  const { reading, ...found } = await lookForDrift(stack, options);
  const told = statusOf({ ...found, live: reading.live, now: new Date() });
  if (options.json) {
    await writeDocument("status", stack, { status: told });
  } else {
    printAnswer([`Stack ${stack.name}`, ...statusLines(told)]);
  }
  return told.unknown.length > 0 ? exitCode.failed : exitCode.done;
}
