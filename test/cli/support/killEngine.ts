import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { findProcesses } from "../../../lab/processes";
import type { AtomRun, Checkout } from "./checkout";

/**
 * Runs a command of a checkout and ends the engine under it, with its plugins and the program, by SIGKILL as soon as it
 * has begun something.
 *
 * @throws Error when the command ends before
 */
export async function killEngine(
  checkout: Checkout,
  args: readonly string[],
  begun: () => Promise<boolean>,
): Promise<AtomRun> {
  let ended = false;
  const run = checkout.atom(args).finally(() => (ended = true));
  while (!(await begun())) {
    if (ended) {
      throw new Error(`it ended before: ${(await run).stderr}`);
    }
    await pause(10);
  }
  const engines = findProcesses(
    ([program = "", ...rest]) =>
      program.endsWith("/pulumi") && rest.some((each) => each.startsWith(checkout.root)),
  );
  for (const pid of engines.flatMap((engine) => [engine, ...childrenOf(engine)])) {
    process.kill(pid, "SIGKILL");
  }
  return run;
}

/** Processes that a process has started. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const text = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8");
    return text.split(" ").filter(Boolean).map(Number);
  });
}
