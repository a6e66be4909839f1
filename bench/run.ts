import { projectRoot } from "../config/projectRoot";
import { startup } from "./startup";

const DEFAULT_RUNS = 5;

/** `node dist/bench/run.js [--runs N]`: medians of N runs, as ratios of one call on one machine. */
function main(args: readonly string[]): void {
  const given = args[args.indexOf("--runs") + 1];
  const runs = args.includes("--runs") ? Number(given) : DEFAULT_RUNS;
  if (!Number.isInteger(runs) || runs < 1) {
    throw new Error(`--runs ${given}: an integer of 1 or more is allowed`);
  }
  const { rows, perSnapshot } = startup(projectRoot(), runs);
  print(`Whole processes, median of ${runs} runs each, in turns:`);
  for (const { name, milliseconds, ratio } of rows) {
    print(`  ${name.padEnd(40)} ${milliseconds.toFixed(0).padStart(6)} ms  x ${ratio.toFixed(2)}`);
  }
  print("One more VM snapshot costs:");
  for (const { from, to, milliseconds } of perSnapshot) {
    print(`  ${`from ${from} to ${to}`.padEnd(40)} ${milliseconds.toFixed(2).padStart(6)} ms`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

main(process.argv.slice(2));
