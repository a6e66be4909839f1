import { deepStrictEqual, equal, ok } from "node:assert/strict";
import * as fc from "fast-check";

import { cycleStatus, overlaps, windowTimes, type CycleRun } from "../../planning/windows";
import { dailyTimes, scheduleOf, windowOf } from "./support/schedules";

const MINUTE_MS = 60_000;
/** A leap year, with both changes of clocks on either half of the earth. */
const YEAR = 2028;
const ZONES = ["Europe/Oslo", "America/New_York", "Australia/Sydney"] as const;
const BLACKOUT = ["2028-07-01", "2028-12-24/2028-12-26"];

const evenly = (range: { min: number; max: number }) => fc.noBias(fc.integer(range));

type Draw = (from: number, to: number) => number;

/** The runs of one site over the year, as a timer would have them that is late, down or wrong about the time. */
function simulate(zone: string, times: readonly Date[], draw: Draw) {
  const window = windowOf({ timeZone: zone, blackout: BLACKOUT });
  const runs = new Map<string, CycleRun>();
  const missed = new Set<number>();
  const begunAt = new Map<number, number>();
  for (const time of times) {
    const isDown = draw(0, 9) === 0;
    const skew = draw(-20, 20) * MINUTE_MS;
    for (let late = -50; late <= 110 && !isDown; late += draw(20, 60)) {
      const clock = new Date(time.getTime() + late * MINUTE_MS + skew);
      const status = cycleStatus(scheduleOf(), window, [...runs.values()], clock);
      status.missed.forEach((one) => missed.add(one.getTime()));
      for (const { start, point, end } of status.due) {
        const fate = draw(0, 9);
        const state = fate === 0 ? "failed" : fate === 1 ? "begun" : "taken";
        const known = runs.get(point);
        // A run that was not begun is begun by its clock while its window is open, and never again once it is taken.
        ok(end === undefined ? known?.state === "begun" : start <= clock && clock < end);
        ok(known?.state !== "taken", point);
        begunAt.set(start.getTime(), clock.getTime());
        runs.set(point, { start, point, state, seconds: undefined });
      }
    }
  }
  return { window, runs: [...runs.values()], missed };
}

describe("one year of three sites in three time zones", function () {
  this.timeout(120_000);

  const expected = ZONES.map((zone) => dailyTimes(YEAR, "02:30", zone));
  const isOut = (date: string): boolean =>
    date === "2028-07-01" || (date >= "2028-12-24" && date <= "2028-12-26");

  it("has every window at its right moment, and no two open at once", () => {
    const [from, until] = [new Date("2027-12-31T00:00:00Z"), new Date("2029-01-02T00:00:00Z")];
    const windows = ZONES.map((zone) => windowOf({ timeZone: zone, blackout: BLACKOUT }));
    for (const [index, window] of windows.entries()) {
      const found = [...windowTimes(window, from, until)].map(({ start, blackout }) => [
        start.toISOString(),
        blackout,
      ]);
      const wanted = [...(expected[index] as ReadonlyMap<string, Date>)].map(([date, start]) => [
        start.toISOString(),
        isOut(date),
      ]);
      equal(wanted.length, 366);
      const first = found.findIndex(([start]) => start === wanted[0]?.[0]);
      deepStrictEqual(found.slice(first, first + 366), wanted);
    }
    const named = windows.map((window, index) => ({ title: ZONES[index] as string, window }));
    deepStrictEqual(overlaps(named, from, until), []);
  });

  it("takes each run once or tells that it was missed, with timers late, down, killed and of wrong time", () => {
    fc.assert(
      fc.property(fc.gen(), (gen) => {
        const draw: Draw = (from, to) => gen(evenly, { min: from, max: to });
        for (const [index, zone] of ZONES.entries()) {
          const days = [...(expected[index] as ReadonlyMap<string, Date>)];
          const open = days.filter(([date]) => !isOut(date)).map(([, start]) => start.getTime());
          const { window, runs, missed } = simulate(
            zone,
            days.map(([, start]) => start),
            draw,
          );
          const end = new Date(Date.UTC(YEAR + 1, 0, 3));
          for (const one of cycleStatus(scheduleOf(), window, runs, end).missed) {
            missed.add(one.getTime());
          }
          const done = runs.filter(({ state }) => state !== "failed");
          const taken = new Set(done.map(({ start }) => start.getTime()));
          equal(taken.size, done.length);
          ok(
            [...taken].every((start) => open.includes(start)),
            "at a moment that is none",
          );
          const first = Math.min(...runs.map(({ start }) => start.getTime()));
          // One that failed was told when it did: it may do so in the very look that takes the next.
          const told = new Set([...missed, ...runs.map(({ start }) => start.getTime())]);
          const wrong = open.filter((start) => start >= first && !told.has(start));
          deepStrictEqual(wrong, [], "neither taken nor told");
          ok(taken.size > 250, `${taken.size} taken`);
        }
      }),
      // A year is a sample already, and the smallest is one without a run.
      { numRuns: 1, endOnFailure: true },
    );
  });
});
