import type { DriftBench } from "../../bench/drift";
import type { Freeze } from "../../bench/freeze";
import type { RolledBench } from "../../bench/rollback";
import { startup } from "../../bench/startup";
import { projectRoot } from "../../config/projectRoot";
import { exitCode, type ExitCode } from "../../site/exit";
import { printAnswer } from "../print/answer";

/** Runs the benchmarks; they print ratios taken in one run, never a verdict. */
export async function bench(what: string, { runs }: { runs: number }): Promise<ExitCode> {
  if (what === "freeze") {
    const { freeze } = await import("../../bench/freeze.js");
    printAnswer(freezeLines(await freeze()));
  } else if (what === "rollback") {
    const { rollback } = await import("../../bench/rollback.js");
    printAnswer(rollbackLines(await rollback()));
  } else if (what === "drift") {
    const { drift } = await import("../../bench/drift.js");
    printAnswer(driftLines(await drift(runs)));
  } else {
    printAnswer(startupLines(runs));
  }
  return exitCode.done;
}

function startupLines(runs: number): string[] {
  const { rows, perSnapshot } = startup(projectRoot(), runs);
  return [
    `Whole processes, median of ${runs} runs each, in turns:`,
    ...rows.map(({ name, milliseconds, ratio }) =>
      line(name, `${milliseconds.toFixed(0).padStart(6)} ms  x ${ratio.toFixed(2)}`),
    ),
    "One more VM snapshot costs:",
    ...perSnapshot.map(({ from, to, milliseconds }) =>
      line(`from ${from} to ${to}`, `${milliseconds.toFixed(2).padStart(6)} ms`),
    ),
  ];
}

function freezeLines(freezes: readonly Freeze[]): string[] {
  return [
    "A frozen product, from freeze to thaw, beside a bare client that posts the same snapshots:",
    ...freezes.map(({ volumes, earlier, seconds, ratio }) =>
      line(
        `${volumes} volumes, ${earlier} earlier points`,
        `${seconds.toFixed(1).padStart(6)} s   x ${ratio.toFixed(2)}`,
      ),
    ),
  ];
}

function rollbackLines({ volumes, ...seconds }: RolledBench): string[] {
  const row = (what: string, all: number): string =>
    line(what, `${all.toFixed(1).padStart(6)} s   ${(all / volumes).toFixed(2)} s a volume`);
  return [
    `A rollback of ${volumes} volumes, beside a bare client that restores the same snapshots:`,
    row("the whole command", seconds.seconds),
    row("of that, the product is stopped", seconds.stoppedSeconds),
    row("the bare client", seconds.bareSeconds),
  ];
}

function driftLines({ raw, drift, whole, megabytes, calls, single }: DriftBench): string[] {
  const seconds = (value: number): string => `${value.toFixed(1).padStart(6)} s`;
  return [
    "1,000 VMs with 3 snapshots each, 5,000 claims, 10,000 snapshots, 300 nodes; medians, in turns:",
    line(
      "the same lists, read and dropped",
      `${seconds(raw.seconds)}   ${raw.calls.cluster} + ${raw.calls.vcenter} calls`,
    ),
    line(
      "drift, from its first question on",
      `${seconds(drift)}   x ${(drift / raw.seconds).toFixed(2)}, ${calls.cluster} + ${calls.vcenter} calls`,
    ),
    line("the whole command", `${seconds(whole)}   ${megabytes.toFixed(0)} MB`),
    line(
      "each object by a read of its own",
      `${seconds(single.seconds)}   ${single.calls.cluster} calls`,
    ),
  ];
}

function line(what: string, measured: string): string {
  return `  ${what.padEnd(40)} ${measured}`;
}
