import { lastTime, timesFrom, wallClock } from "./cron";
import type { Schedule, Window } from "./site";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Whether a cycle's points hold volumes. */
export function takesVolumes({ takes }: Pick<Schedule, "takes">): boolean {
  return takes === "volumes" || takes === "both";
}

/** Whether a cycle's points hold VM snapshots. */
export function takesVms({ takes }: Pick<Schedule, "takes">): boolean {
  return takes === "virtualMachines" || takes === "both";
}

/** One time of a window: open from its start, that moment included, until its end, that one not. */
export interface WindowTime {
  readonly start: Date;
  readonly end: Date;
  /** Whether its start falls on a blackout day: then it does not take place. */
  readonly blackout: boolean;
}

/**
 * A window's times that start from a moment on and before another, those of blackout days among them.
 *
 * - A time of the wall clock that a change to summer time skips is the first moment after the gap. One that comes twice
 *   counts the first time only; with a wildcard or a step as the hour both count, so that an hourly window stays hourly.
 * - A day of a month that a month does not have is no time: 29 February comes in leap years, `L` is each month's last day.
 * - A window is open for its whole duration, whatever clocks do meanwhile.
 */
export function* windowTimes(window: Window, from: Date, until: Date): Generator<WindowTime> {
  for (const start of timesFrom(window.cron, window.timeZone, from)) {
    if (start >= until) {
      return;
    }
    yield timeAt(window, start);
  }
}

/** The next so many times of a window from a moment on that take place, and those of blackout days in between. */
export function nextTimes(window: Window, from: Date, count: number): readonly WindowTime[] {
  const times: WindowTime[] = [];
  let open = 0;
  // A blackout of many years must not make this endless.
  for (const time of windowTimes(window, from, new Date(from.getTime() + 10 * 366 * DAY_MS))) {
    times.push(time);
    open += time.blackout ? 0 : 1;
    if (open === count || times.length === count + 100) {
      break;
    }
  }
  return times;
}

/** Any moment does where only how often a window comes is asked: the plan knows no clock. */
export const REFERENCE = new Date("2028-01-01T00:00:00Z");

/** Seconds from the beginning of a window's time to the end of the next one, at most, as its next four times have it. */
export function longestGap(window: Window): number {
  const times = nextTimes({ ...window, blackout: [] }, REFERENCE, 4);
  const gaps = times.slice(1).map(({ end }, index) => +end - +(times[index]?.start ?? end));
  return Math.max(0, ...gaps) / 1000;
}

/** The time of a window that is open at a moment; undefined when none is, or only one of a blackout day. */
function openTime(window: Window, now: Date): WindowTime | undefined {
  const start = lastTime(window.cron, window.timeZone, now);
  const time = start && timeAt(window, start);
  return time === undefined || time.blackout || time.end <= now ? undefined : time;
}

function timeAt({ timeZone, durationMinutes, blackout }: Window, start: Date): WindowTime {
  const { date } = wallClock(start, timeZone);
  const isOut = blackout.some((days) => {
    const [first = "", last = first] = days.split("/");
    return first <= date && date <= last;
  });
  return { start, end: new Date(start.getTime() + durationMinutes * MINUTE_MS), blackout: isOut };
}

/** What became of one run of a cycle. */
export interface CycleRun {
  /** Start of the window's time that it was for. */
  readonly start: Date;
  /** Name of its point. */
  readonly point: string;
  /** `begun`: it was interrupted, or is at work; `failed`: given up, and nothing of it is left. */
  readonly state: "taken" | "begun" | "failed";
  /** How long it took; undefined where it did not come to an end. */
  readonly seconds: number | undefined;
}

/** A run that is to be done now. */
export interface DueRun {
  readonly start: Date;
  readonly point: string;
  /** Until when it may be begun; undefined for one that was begun: it is brought to its end whenever that is. */
  readonly end: Date | undefined;
}

/** Where a cycle stands. */
export interface CycleStatus {
  readonly due: readonly DueRun[];
  /** The run of the latest time, as the catalog has it. */
  readonly last: CycleRun | undefined;
  /** Starts since then whose windows ended without a point: they are not made up for. */
  readonly missed: readonly Date[];
  /** What somebody should look at, in sentences. */
  readonly notes: readonly string[];
}

/** How far back missed runs are looked for, and how many are told at most. */
const LOOK_BACK_MS = 31 * DAY_MS;
const MOST_MISSED = 100;

/**
 * Where a cycle stands at a moment. The window's time names the run, and not the clock of whoever asks: two machines whose
 * clocks differ mean the same run.
 *
 * - A run is due while its window is open and it has no point; one that failed is due again until the window ends.
 * - Of two times that are open at once, only the later counts.
 * - A run is never due when one of a later time was begun: a clock that goes back takes nothing.
 * - A run that was begun and not ended is due at any moment, since it may have left the product stopped.
 * - A window that ended without a point is missed. Nothing is taken outside of a window.
 * - A window shorter than the last measured run is told, and begun all the same: what is late is better than nothing.
 *
 * @param runs of the cycle, as the catalog has them
 */
export function cycleStatus(
  schedule: Schedule,
  window: Window,
  runs: readonly CycleRun[],
  now: Date,
): CycleStatus {
  const known = runs.toSorted((one, other) => one.start.getTime() - other.start.getTime());
  const last = known.at(-1);
  const begun = known
    .filter(({ state }) => state === "begun")
    .map(({ start, point }): DueRun => ({ start, point, end: undefined }));
  const open = openTime(window, now);
  const isOpen =
    open !== undefined &&
    (last === undefined ||
      last.start < open.start ||
      (last.state === "failed" && last.start.getTime() === open.start.getTime()));
  const fresh = isOpen
    ? [{ start: open.start, point: cyclePoint(schedule.name, open.start), end: open.end }]
    : [];
  return {
    due: [...begun, ...fresh],
    last,
    missed: missedTimes(window, known, now),
    notes: notesOf(window, known, now),
  };
}

/** Name of the point of a cycle's run: its window's start, in UTC. */
export function cyclePoint(schedule: string, start: Date): string {
  const [date = "", time = ""] = start.toISOString().split("T");
  return `${schedule}-${date.replaceAll("-", "")}t${time.slice(0, 5).replace(":", "")}z`;
}

function missedTimes(window: Window, runs: readonly CycleRun[], now: Date): readonly Date[] {
  const last = runs.findLast(({ state }) => state !== "failed") ?? runs[0];
  if (last === undefined) {
    return [];
  }
  const covered = last.state === "failed" ? last.start.getTime() : last.start.getTime() + 1;
  const from = new Date(Math.max(covered, now.getTime() - LOOK_BACK_MS));
  const missed: Date[] = [];
  for (const { start, end, blackout } of windowTimes(window, from, now)) {
    if (!blackout && end <= now) {
      missed.push(start);
    }
    if (missed.length === MOST_MISSED) {
      break;
    }
  }
  return missed;
}

function notesOf(
  { durationMinutes }: Window,
  runs: readonly CycleRun[],
  now: Date,
): readonly string[] {
  const last = runs.at(-1);
  const seconds = runs.findLast((run) => run.seconds !== undefined)?.seconds ?? 0;
  return [
    ...(last !== undefined && last.start > now
      ? [`the last run is of ${last.start.toISOString()}, which is still to come: clocks disagree`]
      : []),
    ...(seconds > durationMinutes * 60
      ? [
          `the last measured run took ${Math.ceil(seconds / 60)} minutes, and the window is open for ${durationMinutes}`,
        ]
      : []),
  ];
}

/** A window of a site, told apart from those of others. */
export interface NamedWindow {
  /** For people, e.g. `oslo/nightly`. */
  readonly title: string;
  readonly window: Window;
}

/** Two windows that are open at once, and when for the first time. */
export interface WindowOverlap {
  readonly first: string;
  readonly second: string;
  /** From the later start on. */
  readonly at: Date;
}

/** Which windows are open at once with another, or with themselves, between two moments; each pair once, at its first time. */
export function overlaps(
  windows: readonly NamedWindow[],
  from: Date,
  until: Date,
): readonly WindowOverlap[] {
  const times = windows
    .flatMap(({ title, window }) =>
      [...windowTimes(window, from, until)]
        .filter(({ blackout }) => !blackout)
        .map(({ start, end }) => ({ title, start, end })),
    )
    .sort((one, other) => one.start.getTime() - other.start.getTime());
  const found = new Map<string, WindowOverlap>();
  let open: typeof times = [];
  for (const time of times) {
    open = open.filter(({ end }) => end > time.start);
    for (const { title } of open) {
      const [first, second] = [title, time.title].toSorted() as [string, string];
      const key = `${first} ${second}`;
      found.set(key, found.get(key) ?? { first, second, at: time.start });
    }
    open.push(time);
  }
  return [...found.values()];
}
