import { deepStrictEqual, equal, ok } from "node:assert/strict";

import { isCron, isTimeZone } from "../../planning/cron";
import {
  cyclePoint,
  cycleStatus,
  nextTimes,
  overlaps,
  windowTimes,
  type CycleRun,
} from "../../planning/windows";
import { scheduleOf, windowOf } from "./support/schedules";

function starts(changes: Parameters<typeof windowOf>[0], from: string, count: number): string[] {
  return nextTimes(windowOf(changes), new Date(from), count).map(
    ({ start, blackout }) => `${start.toISOString().slice(0, 16)}Z${blackout ? " blackout" : ""}`,
  );
}

describe("times of windows", () => {
  for (const [what, changes, from, expected] of [
    [
      "one that clocks skip is the first moment after the gap",
      {},
      "2026-03-28T12:00:00Z",
      ["2026-03-29T01:00Z", "2026-03-30T00:30Z"],
    ],
    [
      "one that comes twice counts the first time",
      {},
      "2026-10-24T12:00:00Z",
      ["2026-10-25T00:30Z", "2026-10-26T01:30Z"],
    ],
    [
      "so do several hours of one day",
      { cron: "30 2,3 * * *" },
      "2026-10-24T12:00:00Z",
      ["2026-10-25T00:30Z", "2026-10-25T02:30Z", "2026-10-26T01:30Z"],
    ],
    [
      "an hourly one stays hourly",
      { cron: "15 * * * *" },
      "2026-10-25T00:00:00Z",
      ["2026-10-25T00:15Z", "2026-10-25T01:15Z", "2026-10-25T02:15Z"],
    ],
    [
      "a gap of half an hour",
      { cron: "15 2 * * *", timeZone: "Australia/Lord_Howe" },
      "2026-10-03T12:00:00Z",
      ["2026-10-03T15:30Z", "2026-10-04T15:15Z"],
    ],
    [
      "a gap at midnight stays on its day",
      { cron: "0 0 * * *", timeZone: "America/Santiago" },
      "2026-09-05T12:00:00Z",
      ["2026-09-06T04:00Z", "2026-09-07T03:00Z"],
    ],
    [
      "29 February comes in leap years",
      { cron: "0 3 29 2 *", timeZone: "UTC" },
      "2026-01-01T00:00:00Z",
      ["2028-02-29T03:00Z", "2032-02-29T03:00Z"],
    ],
    [
      "L is the last day of each month",
      { cron: "0 3 L * *", timeZone: "UTC" },
      "2028-01-31T04:00:00Z",
      ["2028-02-29T03:00Z", "2028-03-31T03:00Z"],
    ],
    [
      "the moment that is asked for counts",
      { timeZone: "UTC" },
      "2026-01-01T02:30:00.000Z",
      ["2026-01-01T02:30Z", "2026-01-02T02:30Z"],
    ],
    [
      "blackout days are days of the window's own zone",
      { cron: "30 0 * * *", blackout: ["2026-12-24/2026-12-25"] },
      "2026-12-22T12:00:00Z",
      [
        "2026-12-22T23:30Z",
        "2026-12-23T23:30Z blackout",
        "2026-12-24T23:30Z blackout",
        "2026-12-25T23:30Z",
      ],
    ],
  ] as const) {
    it(what, () => {
      const open = expected.filter((text) => !text.endsWith("blackout")).length;
      deepStrictEqual(starts(changes, from, open), [...expected]);
    });
  }

  it("is open for its duration, whatever clocks do meanwhile", () => {
    const long = windowOf({ cron: "0 1 * * *", durationMinutes: 180 });
    const [time] = windowTimes(long, new Date("2026-10-25T00:00:00Z"), new Date("2026-10-27"));
    ok(time !== undefined);
    equal(time.end.getTime() - time.start.getTime(), 180 * 60_000);
  });

  it("ends although every day is a blackout", () => {
    const never = windowOf({ blackout: ["0001-01-01/9999-12-31"] });
    const times = nextTimes(never, new Date("2026-01-01"), 3);
    ok(times.length > 3 && times.every(({ blackout }) => blackout));
  });

  it("knows cron expressions of five fields that some day has, and time zones by name", () => {
    const good = ["0 3 * * *", "*/15 1-5 * * MON-FRI", "0 3 29 2 *", "0 3 * * 6#2", "0 3 L * *"];
    const bad = ["", "* * * *", "@daily", "0 0 3 * * *", "60 3 * * *", "0 3 30 2 *", "*/0 * * * *"];
    deepStrictEqual([...good, ...bad].filter(isCron), good);
    const zones = ["UTC", "Europe/Oslo", "Asia/Kathmandu", "Mars/Olympus", "+02:00", ""];
    deepStrictEqual(zones.filter(isTimeZone), ["UTC", "Europe/Oslo", "Asia/Kathmandu"]);
  });
});

describe("where a cycle stands", () => {
  const window = windowOf({ timeZone: "UTC" });
  const schedule = scheduleOf();
  const at = (day: number, time = "02:30"): Date => new Date(`2026-11-${day}T${time}:00Z`);
  const run = (day: number, state: CycleRun["state"], seconds?: number): CycleRun => ({
    start: at(day),
    point: cyclePoint("nightly", at(day)),
    state,
    seconds,
  });
  const due = (runs: readonly CycleRun[], now: Date): readonly string[] =>
    cycleStatus(schedule, window, runs, now).due.map(({ point }) => point);
  const missed = (runs: readonly CycleRun[], now: Date): readonly string[] =>
    cycleStatus(schedule, window, runs, now).missed.map((one) => one.toISOString().slice(8, 10));

  it("names a run by its window's start in UTC, whoever asks and when", () => {
    const names = [at(20), at(20, "02:31"), at(20, "03:29")].map((now) => due([], now));
    deepStrictEqual(names, Array(3).fill(["nightly-20261120t0230z"]));
  });

  it("is due from the start on, until before the end, and once", () => {
    deepStrictEqual(due([], at(20, "02:29")), []);
    deepStrictEqual(due([], at(20, "03:30")), []);
    deepStrictEqual(due([run(20, "taken")], at(20, "02:40")), []);
    deepStrictEqual(due([run(19, "taken")], at(20, "02:40")), ["nightly-20261120t0230z"]);
  });

  it("tries a failed run again until its window ends; then it is missed", () => {
    deepStrictEqual(due([run(20, "failed")], at(20, "02:40")), ["nightly-20261120t0230z"]);
    deepStrictEqual(due([run(20, "failed")], at(20, "03:40")), []);
    deepStrictEqual(missed([run(20, "failed")], at(20, "03:40")), ["20"]);
    deepStrictEqual(missed([run(18, "taken"), run(20, "failed")], at(21, "03:40")), [
      ...["19", "20", "21"],
    ]);
  });

  it("brings what was begun to its end, whenever that is, and then goes on", () => {
    deepStrictEqual(due([run(18, "begun")], at(20, "12:00")), ["nightly-20261118t0230z"]);
    deepStrictEqual(due([run(18, "begun")], at(20, "02:40")), [
      ...["nightly-20261118t0230z", "nightly-20261120t0230z"],
    ]);
  });

  it("tells what was missed, and makes up for nothing", () => {
    const runs = [run(10, "taken")];
    deepStrictEqual(missed(runs, at(13, "12:00")), ["11", "12", "13"]);
    deepStrictEqual(due(runs, at(13, "12:00")), []);
    deepStrictEqual(missed([], at(13, "12:00")), []);
  });

  it("counts blackout days neither as due nor as missed", () => {
    const out = windowOf({ timeZone: "UTC", blackout: ["2026-11-12"] });
    const status = cycleStatus(schedule, out, [run(11, "taken")], at(12, "02:40"));
    deepStrictEqual([status.due, status.missed], [[], []]);
  });

  it("takes nothing by a clock that went back, and says that clocks disagree", () => {
    const status = cycleStatus(schedule, window, [run(21, "taken")], at(20, "02:40"));
    deepStrictEqual(status.due, []);
    ok(status.notes.some((note) => note.includes("clocks disagree")));
  });

  it("tells a window that is shorter than the last measured run, and begins it all the same", () => {
    const status = cycleStatus(schedule, window, [run(19, "taken", 3700)], at(20, "02:40"));
    deepStrictEqual(status.notes, [
      "the last measured run took 62 minutes, and the window is open for 60",
    ]);
    equal(status.due.length, 1);
  });

  it("counts of two times that are open at once the later one", () => {
    const often = windowOf({ timeZone: "UTC", cron: "0 * * * *", durationMinutes: 90 });
    const { due: found } = cycleStatus(schedule, often, [], at(20, "03:10"));
    deepStrictEqual(
      found.map(({ start }) => start),
      [at(20, "03:00")],
    );
  });
});

describe("windows that are open at once", () => {
  const named = (title: string, changes: Parameters<typeof windowOf>[0]) => ({
    title,
    window: windowOf(changes),
  });
  const from = new Date("2026-03-01T00:00:00Z");
  const until = new Date("2026-04-30T00:00:00Z");

  it("are found where only one of two zones has changed its clocks", () => {
    // 07:00 in New York is noon in London but for the weeks between their changes.
    const windows = [
      named("london", { cron: "30 11 * * *", timeZone: "Europe/London", durationMinutes: 30 }),
      named("new-york", { cron: "0 7 * * *", timeZone: "America/New_York", durationMinutes: 30 }),
    ];
    deepStrictEqual(overlaps(windows, from, new Date("2026-03-08T00:00:00Z")), []);
    deepStrictEqual(overlaps(windows, from, until), []);
    const longer = [
      windows[0],
      named("new-york", { cron: "30 7 * * *", timeZone: "America/New_York" }),
    ];
    deepStrictEqual(overlaps(longer as typeof windows, from, until), [
      { first: "london", second: "new-york", at: new Date("2026-03-08T11:30:00Z") },
    ]);
  });

  it("are found of one window that is longer than its pause, and not on blackout days", () => {
    const long = { cron: "0 */2 * * *", timeZone: "UTC", durationMinutes: 150 };
    deepStrictEqual(overlaps([named("a", long)], from, until), [
      { first: "a", second: "a", at: new Date("2026-03-01T02:00:00Z") },
    ]);
    const out = { ...long, blackout: ["2026-03-01/2026-04-30"] };
    deepStrictEqual(overlaps([named("a", long), named("b", out)].slice(1), from, until), []);
  });
});
