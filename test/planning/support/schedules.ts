import { wallClock } from "../../../planning/cron";
import type { Schedule, Window } from "../../../planning/site";

/** A nightly window of an hour in Oslo. */
export function windowOf(changes: Partial<Window> = {}): Window {
  return {
    name: "night",
    cron: "30 2 * * *",
    timeZone: "Europe/Oslo",
    durationMinutes: 60,
    blackout: [],
    owner: "Ada",
    change: undefined,
    ...changes,
  };
}

export function scheduleOf(changes: Partial<Schedule> = {}): Schedule {
  return {
    name: "nightly",
    window: "night",
    takes: "volumes",
    consistency: undefined,
    keepDays: 7,
    ...changes,
  };
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * When a time of the wall clock comes on each day of a year, found by reading clocks minute by minute: the first time, or
 * the first moment after it where clocks skip it.
 */
export function dailyTimes(
  year: number,
  time: string,
  timeZone: string,
): ReadonlyMap<string, Date> {
  const found = new Map<string, Date>();
  for (let day = Date.UTC(year, 0, 1); day < Date.UTC(year + 1, 0, 1); day += DAY_MS) {
    const date = new Date(day).toISOString().slice(0, 10);
    const isReached = (moment: number): boolean => {
      const clock = wallClock(new Date(moment), timeZone);
      return `${clock.date} ${clock.time}` >= `${date} ${time}`;
    };
    // From the hour before the time would come by the offset of the day before: a gap or a repetition is within it.
    const [hour = 0, minute = 0] = time.split(":").map(Number);
    const [sign, ahead, more] = offsetOf(new Date(day - DAY_MS), timeZone);
    let moment = day + ((hour - sign * ahead) * 60 + minute - sign * more - 61) * MINUTE_MS;
    while (isReached(moment)) {
      moment -= 61 * MINUTE_MS;
    }
    // Quarters first: no clock that has come to the time goes back sooner.
    while (!isReached(moment)) {
      moment += 15 * MINUTE_MS;
    }
    moment -= 15 * MINUTE_MS;
    while (!isReached(moment)) {
      moment += MINUTE_MS;
    }
    found.set(date, new Date(moment));
  }
  return found;
}

function offsetOf(moment: Date, timeZone: string): readonly [number, number, number] {
  const { offset } = wallClock(moment, timeZone);
  const [hours = 0, minutes = 0] = offset.slice(1).split(":").map(Number);
  return [offset.startsWith("-") ? -1 : 1, hours, minutes];
}
