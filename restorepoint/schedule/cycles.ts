import type { PointCycle, PointRecord } from "../../planning/pointRecord";
import type { Schedule, Site, Window } from "../../planning/site";
import { cycleStatus, type CycleRun, type CycleStatus } from "../../planning/windows";
import { pendingSteps } from "../catalog/entries";
import { CREATE } from "../take/takeMembers";

/** A cycle, its window, and where it stands. */
export interface Cycle {
  readonly schedule: Schedule;
  readonly window: Window;
  readonly status: CycleStatus;
}

/** Where the cycles of a site stand at a moment, by the points of the catalog. */
export function cyclesOf(site: Site, points: readonly PointRecord[], now: Date): readonly Cycle[] {
  return site.schedules.flatMap((schedule) => {
    const window = site.windows.find(({ name }) => name === schedule.window);
    const runs = points.flatMap((point) =>
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

/** How long the run that took a point took; one that was killed and gone on with counts from where it went on. */
function secondsOf({ journal: { entries, summaries } }: PointRecord): number | undefined {
  const summary = summaries.findLast(
    ({ command, outcome }) => command === CREATE && outcome === "done",
  );
  const closed = entries.findLast(
    ({ command, event, detail }) =>
      command === CREATE && event === "closed" && detail.outcome === "done",
  );
  const opened = entries.find(({ sequence }) => sequence === closed?.run);
  const [from, to] = closed === undefined ? [summary?.from, summary?.to] : [opened?.at, closed.at];
  return from === undefined || to === undefined
    ? undefined
    : (Date.parse(to) - Date.parse(from)) / 1000;
}
