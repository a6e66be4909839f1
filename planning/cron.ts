import { Cron } from "croner";

// The one place that knows the library of cron expressions and time zones; docs/decisions says why this one.

const jobs = new Map<string, Cron>();
const clocks = new Map<string, Intl.DateTimeFormat>();

/** What is dear to make is made once. */
function once<T>(made: Map<string, T>, key: string, make: () => T): T {
  const one = made.get(key) ?? make();
  made.set(key, one);
  return one;
}

/**
 * An expression of five fields in a time zone. A local time that a clock change skips counts as the first one after the
 * gap; one that comes twice counts once, the first time, unless the hour is a wildcard or a step.
 */
function cron(expression: string, timezone: string): Cron {
  const options = { timezone, paused: true, mode: "5-part", fixedTimeRule: "no-wildcard" } as const;
  return once(jobs, `${timezone} ${expression}`, () => new Cron(expression, options));
}

/** Whether a text is a cron expression of five fields that some day has, 29 February among them. */
export function isCron(text: string): boolean {
  // The library takes @daily and the like, which nobody else's cron may.
  if (text.trim().split(/\s+/).length !== 5) {
    return false;
  }
  try {
    return cron(text, "UTC").nextRun(new Date(0)) !== null;
  } catch {
    return false;
  }
}

/** Whether a text is the name of a time zone that this Node.js knows. */
export function isTimeZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    // An offset knows no clock changes, and is none of IANA's names.
    return /^[A-Za-z]/.test(text);
  } catch {
    return false;
  }
}

/** The times of an expression from a moment on, that one included, without end. */
export function* timesFrom(expression: string, timeZone: string, from: Date): Generator<Date> {
  const job = cron(expression, timeZone);
  let next = job.nextRun(new Date(from.getTime() - 1));
  while (next !== null) {
    yield next;
    next = job.nextRun(next);
  }
}

/** The last time of an expression until a moment, that one included. */
export function lastTime(expression: string, timeZone: string, until: Date): Date | undefined {
  return cron(expression, timeZone).previousRuns(1, new Date(until.getTime() + 1))[0];
}

/** Whether two times of an expression went by since a moment: what was begun at the last may be at work. */
export function isOverdue(expression: string, timeZone: string, since: Date, now: Date): boolean {
  const last = lastTime(expression, timeZone, now);
  const before = last && lastTime(expression, timeZone, new Date(last.getTime() - 1));
  return before !== undefined && since < before;
}

/** A moment as a clock on the wall shows it: date, time, and offset from UTC. */
export function wallClock(
  moment: Date,
  timeZone: string,
): { date: string; time: string; offset: string } {
  const clock = once(
    clocks,
    timeZone,
    () =>
      new Intl.DateTimeFormat("en-GB", {
        timeZone,
        ...{ year: "numeric", month: "2-digit", day: "2-digit" },
        ...{ hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "longOffset" },
      }),
  );
  const parts = new Map(clock.formatToParts(moment).map(({ type, value }) => [type, value]));
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.get(type) ?? "";
  return {
    date: `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`,
    time: `${part("hour")}:${part("minute")}`,
    offset: part("timeZoneName").replace("GMT", "") || "+00:00",
  };
}
