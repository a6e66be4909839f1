import { projectRoot } from "../config/projectRoot";
import { freeze, type Freeze } from "./freeze";
import { startup } from "./startup";

/** `node dist/bench/run.js [startup | freeze] [--runs N]`: ratios of one call on one machine. */
async function main([what, ...args]: readonly string[]): Promise<void> {
  if (what === "freeze") {
    printFreezes(await freeze());
  } else {
    printStartup(Number(args[1]));
  }
}

function printStartup(runs: number): void {
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

function printFreezes(freezes: readonly Freeze[]): void {
  print(
    "A frozen product, from freeze to thaw, beside a bare client that posts the same snapshots:",
  );
  for (const { volumes, earlier, seconds, ratio } of freezes) {
    const what = `${volumes} volumes, ${earlier} earlier points`;
    print(`  ${what.padEnd(40)} ${seconds.toFixed(1).padStart(6)} s   x ${ratio.toFixed(2)}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

void main(process.argv.slice(2));
