import type { PointCycle, PointRecord } from "../../planning/pointRecord";
import { IMAGES } from "../../planning/nodeImages";
import type { Schedule, Site, Window } from "../../planning/site";
import { cycleStatus, type CycleRun, type CycleStatus } from "../../planning/windows";
import { pendingSteps } from "../catalog/entries";
import type { KnownPoints } from "../knownPoints";
import { CREATE } from "../take/takeMembers";

/** A cycle, its window, and where it stands. */
export interface Cycle {
  readonly schedule: Schedule;
  readonly window: Window;
  readonly status: CycleStatus;
}

type Records = Pick<KnownPoints, "points" | "images">;

/** Where the cycles of a site stand at a moment, by the records of the catalog. */
export function cyclesOf(site: Site, known: Records, now: Date): readonly Cycle[] {
  const records = [...known.points, ...known.images];
  return site.schedules.flatMap((schedule) => {
    const window = site.windows.find(({ name }) => name === schedule.window);
    const runs = records.flatMap((point) =>
      point.cycle?.name === schedule.name ? [runOf(point, point.cycle)] : [],
    );
    // An accepted site has the windows that its cycles name.
    return window === undefined
      ? []
      : [{ schedule, window, status: cycleStatus(schedule, window, runs, now) }];
  });
}

function runOf(point: PointRecord, { start }: PointCycle): CycleRun {
  const { name, state, journal } = point;
  const isLeft = pendingSteps(journal.entries).some(({ command }) => command === CREATE);
  const isBegun = state === "planned" || state === "taking" || (state === "ready" && isLeft);
  return {
    start: new Date(start),
    point: name,
    state: isBegun ? "begun" : state === "failed" ? "failed" : "taken",
    seconds: secondsOf(point),
  };
}

/** Commands that take what a cycle is for. */
const TAKES: readonly string[] = [CREATE, IMAGES];

/** How long the run that took a point took; one that was killed and gone on with counts from where it went on. */
function secondsOf({ journal: { entries, summaries } }: PointRecord): number | undefined {
  const summary = summaries.findLast(
    ({ command, outcome }) => TAKES.includes(command) && outcome === "done",
  );
  const closed = entries.findLast(
    ({ command, event, detail }) =>
      TAKES.includes(command) && event === "closed" && detail.outcome === "done",
  );
  const opened = entries.find(({ sequence }) => sequence === closed?.run);
  const [from, to] = closed === undefined ? [summary?.from, summary?.to] : [opened?.at, closed.at];
  return from === undefined || to === undefined
    ? undefined
    : (Date.parse(to) - Date.parse(from)) / 1000;
}

/** How long the records of a cycle's points are kept after these have ended, by when they were taken. */
const RECORD_MS = 90 * 86_400_000;

/** Names of points of cycles that ended long ago, but for each cycle's last: a schedule would fill the catalog with records. */
export function oldRecords(known: Records, now: Date): readonly string[] {
  const records = [...known.points, ...known.images];
  const last = new Map<string, number>();
  for (const { cycle } of records) {
    if (cycle !== undefined) {
      last.set(cycle.name, Math.max(last.get(cycle.name) ?? 0, Date.parse(cycle.start)));
    }
  }
  return records
    .filter(
      ({ cycle, state, takenAt }) =>
        cycle !== undefined &&
        state === "expired" &&
        Date.parse(cycle.start) < (last.get(cycle.name) ?? 0) &&
        Date.parse(takenAt ?? cycle.start) < now.getTime() - RECORD_MS,
    )
    .map(({ name }) => name);
}
