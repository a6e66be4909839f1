import { answeredWithin } from "../../clients/http";
import { exitCode, type ExitCode } from "../../site/exit";
import { holds, reviewStack } from "../../site/preflight/review";
import { inOnePass } from "../../site/up/access";
import { openLive, withLive } from "../live";
import { printAnswer } from "../print/answer";
import { writeDocument } from "../print/documents";
import { reviewLines } from "../print/rules";
import { createReporter } from "../reporter";

interface PreflightOptions {
  readonly stack: string;
  /** Seconds. */
  readonly timeout: number;
  readonly json: boolean;
}

/** Judges every rule that has to hold before an apply; changes nothing. */
export async function preflight({
  stack: name,
  timeout,
  json,
}: PreflightOptions): Promise<ExitCode> {
  const stack = openLive(name);
  const review = await withLive(stack, createReporter(), { readOnly: true }, (engine, access) =>
    answeredWithin(timeout * 1000, () => reviewStack(stack, engine, inOnePass(access), new Date())),
  );
  if (json) {
    await writeDocument("preflight", stack, { ...review });
  } else {
    printAnswer([`Stack ${stack.name}, the rules before an apply:`, ...reviewLines(review)]);
  }
  return holds(review) ? exitCode.done : exitCode.failed;
}
