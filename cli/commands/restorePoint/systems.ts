import { openEngine, type Engine } from "../../../engine/engine";
import type { PointSystems } from "../../../restorepoint/pointStack";
import { closeAll, openAccess, type OpenAccess } from "../../../site/up/access";
import { confirmChange } from "../../confirm";
import { UsageError } from "../../../site/exit";
import { interruption } from "../../interruption";
import { createReporter } from "../../reporter";
import { openPointStack } from "../../pointStack";
import type { OpenStack } from "../../../site/stack";

/** What every command on restore points works with. */
interface OpenSystems extends PointSystems {
  readonly stack: OpenStack;
  readonly access: OpenAccess;
  readonly engine: () => Promise<Engine>;
}

/** Opens a stack and its live systems for a command that changes points, and closes them after it. */
export async function withSystems<T>(
  name: string,
  yes: boolean,
  work: (systems: OpenSystems) => Promise<T>,
): Promise<T> {
  const reporter = createReporter();
  const stack = await openPointStack(name, reporter);
  const access = await openAccess(stack);
  const stop = interruption(reporter);
  try {
    return await work({
      stack,
      access,
      cluster: access.cluster,
      vcenter: access.vcenter,
      reporter,
      signal: stop.signal,
      ask: (question) => confirmChange(question, { yes, lab: stack.isLab }),
      engine: () => openEngine({ root: stack.root, stack: stack.name, env: process.env, reporter }),
    });
  } finally {
    stop.end();
    await closeAll(access);
  }
}

/** An hour is more than any driver needs. */
const LONGEST = 3600;

/** @returns undefined where it was not given @throws UsageError for what is no number of seconds */
export function secondsOf(timeout: string | undefined): number | undefined {
  const seconds = timeout === undefined ? undefined : Number(timeout);
  if (seconds !== undefined && (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST)) {
    throw new UsageError(`--timeout ${timeout ?? ""}: give whole seconds from 1 to ${LONGEST}.`);
  }
  return seconds;
}
