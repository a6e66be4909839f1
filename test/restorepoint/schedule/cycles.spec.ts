import { deepStrictEqual } from "node:assert/strict";

import type { PointRecord } from "../../../planning/pointRecord";
import { cyclesOf, oldRecords } from "../../../restorepoint/schedule/cycles";
import { scheduleOf, windowOf } from "../../planning/support/schedules";
import { siteOf } from "../../support/sites";
import { journal, point } from "./support";

describe("cycles by what the catalog says", () => {
  const of = (day: string, changes: Partial<PointRecord> = {}): PointRecord => {
    const start = `2026-${day}T02:30:00.000Z`;
    const cycle = { name: "nightly", start, takes: "volumes", owner: "Ada" } as const;
    return point(`nightly-${day}`, { cycle, takenAt: start, ...changes });
  };

  it("reads what became of each run, and how long it took", () => {
    const site = siteOf({ windows: [windowOf({ timeZone: "UTC" })], schedules: [scheduleOf()] });
    const points = [
      of("11-17", { state: "expired", journal: journal(90, "done") }),
      of("11-18", { state: "failed", journal: journal(30, "failed") }),
      of("11-19", { state: "ready", journal: journal(60, undefined) }),
      point("by-hand"),
    ];
    const [cycle] = cyclesOf(site, { points, images: [] }, new Date("2026-11-19T12:00:00Z"));
    deepStrictEqual(
      [cycle?.status.last?.point, cycle?.status.last?.state, cycle?.status.due.length],
      ["nightly-11-19", "begun", 1],
    );
    const [before] = cyclesOf(
      site,
      { points: points.slice(0, 1), images: [] },
      new Date("2026-11-17T12:00:00Z"),
    );
    deepStrictEqual(before?.status.last?.seconds, 90);
  });

  it("forgets records of points that ended long ago, but for the last of a cycle", () => {
    const ended = (day: string): PointRecord => of(day, { state: "expired" });
    const old = [ended("01-02"), ended("01-03"), of("01-04"), ended("08-01")];
    const all = [...old, ended("10-30"), point("by-hand", { state: "expired" })];
    const now = new Date("2026-11-19T12:00:00Z");
    deepStrictEqual(oldRecords({ points: all, images: [] }, now), [
      "nightly-01-02",
      "nightly-01-03",
      "nightly-08-01",
    ]);
    deepStrictEqual(oldRecords({ points: old.slice(0, 1), images: [] }, now), []);
  });
});
