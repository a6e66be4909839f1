import { startup } from "../../bench/startup";
import { projectRoot } from "../../config/projectRoot";
import { exitCode, UsageError, type ExitCode } from "../../site/exit";
import { printAnswer } from "../print/answer";

/** Runs the benchmarks; they print ratios taken in one run, never a verdict. */
export async function bench(options: { runs: string }): Promise<ExitCode> {
  const runs = Number(options.runs);
  if (!Number.isInteger(runs) || runs < 1 || runs > 100) {
    throw new UsageError(`--runs ${options.runs}: an integer from 1 to 100 is allowed.`);
  }
  const { rows, perSnapshot } = startup(projectRoot(), runs);
  const line = (name: string, time: string): string => `  ${name.padEnd(40)} ${time}`;
  printAnswer([
    `Whole processes, median of ${runs} runs each, in turns:`,
    ...rows.map(({ name, milliseconds, ratio }) =>
      line(name, `${milliseconds.toFixed(0).padStart(6)} ms  x ${ratio.toFixed(2)}`),
    ),
    "One more VM snapshot costs:",
    ...perSnapshot.map(({ from, to, milliseconds }) =>
      line(`from ${from} to ${to}`, `${milliseconds.toFixed(2).padStart(6)} ms`),
    ),
  ]);
  return exitCode.done;
}
