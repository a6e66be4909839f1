import { overlaps, type NamedWindow } from "../../planning/windows";
import { readPoints } from "../../restorepoint/knownPoints";
import { cyclesOf } from "../../restorepoint/schedule/cycles";
import { runDue } from "../../restorepoint/schedule/runDue";
import { exitCode, exitCodeOf, type ExitCode } from "../../site/exit";
import { mayTake } from "../../site/preflight/preflight";
import { openStack, type OpenStack } from "../../site/stack";
import { closeAll, openAccess } from "../../site/up/access";
import { openLive } from "../live";
import { printAnswer } from "../print/answer";
import { writeDocument } from "../print/documents";
import { scheduleDocument, scheduleLines } from "../print/schedule";
import { withSystems } from "./restorePoint/systems";

interface ShowOptions {
  readonly stack: string;
  /** Times of each window, 1 to 100. */
  readonly count: number;
  /** Names of other stacks. */
  readonly beside: readonly string[];
  readonly json: boolean;
}

/** How far ahead windows that are open at once are looked for. */
const AHEAD_MS = 31 * 86_400_000;

/** Shows the next times of every window, and where each cycle stands. */
export async function show({ stack: name, count, beside, json }: ShowOptions): Promise<ExitCode> {
  const stack = openLive(name);
  const others = beside.map((other) => openStack(other, []));
  const access = await openAccess(stack);
  try {
    const known = await readPoints({ stack, cluster: access.cluster });
    const now = new Date();
    const until = new Date(now.getTime() + AHEAD_MS);
    const shown = {
      windows: stack.site.windows,
      cycles: cyclesOf(stack.site, known, now),
      overlaps: overlaps([stack, ...others].flatMap(windowsOf), now, until),
      unknown: known.unknown,
      now,
      count,
    };
    if (json) {
      await writeDocument("schedule show", stack, scheduleDocument(shown));
    } else {
      printAnswer(scheduleLines(name, shown));
    }
    return known.unknown.length === 0 ? exitCode.done : exitCode.failed;
  } finally {
    await closeAll(access);
  }
}

function windowsOf({ name, site }: OpenStack): readonly NamedWindow[] {
  return site.windows.map((window) => ({ title: `${name}/${window.name}`, window }));
}

/** Does what is due now. */
export async function run(options: {
  readonly stack: string;
  readonly yes: boolean;
}): Promise<ExitCode> {
  return withSystems(options.stack, options.yes, async (systems) => {
    const { access, reporter } = systems;
    const parts = await runDue(
      { ...systems, preflight: (site) => mayTake(site, access, reporter) },
      new Date(),
    );
    printAnswer(parts.map(({ what, result }) => `${what}: ${result}`));
    const left = parts.filter(({ result }) => result === "left");
    // Wrong usage, where that is all there is: nothing was changed then.
    const isUsage = left.every(({ error }) => exitCodeOf(error) === exitCode.usage);
    return left.length === 0 ? exitCode.done : isUsage ? exitCode.usage : exitCode.failed;
  });
}
