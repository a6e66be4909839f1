import assert from "node:assert/strict";
import * as fc from "fast-check";
import { decideRetention, type RetainedPoint } from "../../planning/retention";
import type { RetentionPolicy } from "../../planning/site";
import { checkHistory, histories } from "./support/retentionModel";

const NOW = new Date("2026-11-25T12:00:00Z");

function point(name: string, changes: Partial<RetainedPoint> = {}): RetainedPoint {
  return {
    name,
    state: "ready",
    takenAt: "2026-11-01T00:00:00Z",
    contentAt: undefined,
    provenAt: undefined,
    expires: "2026-11-20T00:00:00Z",
    hold: false,
    ...changes,
  };
}

/** `name: action, reason` of each. */
function decisions(points: readonly RetainedPoint[], policy: RetentionPolicy = {}): string[] {
  return decideRetention(points, policy, NOW).map(
    ({ name, action, reason }) => `${name}: ${action}, ${reason}`,
  );
}

/** A ready point that a newer proven one keeps nothing for. */
const proven = point("proven", {
  takenAt: "2026-11-24T00:00:00Z",
  provenAt: "2026-11-24T01:00:00Z",
  expires: "2026-12-24T00:00:00Z",
});

describe("retention without a policy", () => {
  it("ends what has expired and keeps what has not", () => {
    assert.deepEqual(
      decisions([point("a"), point("b", { expires: "2026-11-25T12:00:01Z" }), proven]),
      [
        "a: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
        "b: keep, expires at 2026-11-25T12:00:01Z",
        "proven: keep, is the newest proven point; expires at 2026-12-24T00:00:00Z",
      ],
    );
  });

  it("ends a point at the very moment of its expiry", () => {
    assert.equal(
      decisions([point("a", { expires: NOW.toISOString() }), proven])[0],
      "a: expire, expired at 2026-11-25T12:00:00.000Z and no rule keeps it",
    );
  });

  it("never removes the newest proven point, whichever is newer and not proven", () => {
    const points = [
      point("old", { takenAt: "2026-11-02T00:00:00Z", provenAt: "2026-11-09T00:00:00Z" }),
      point("older", { takenAt: "2026-11-01T00:00:00Z", provenAt: "2026-11-10T00:00:00Z" }),
      point("new", { takenAt: "2026-11-03T00:00:00Z" }),
    ];
    assert.deepEqual(decisions(points), [
      "old: keep, is the newest proven point",
      "older: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
      "new: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
    ]);
  });

  it("keeps the newest ready point where none is proven, of equal times the first by name", () => {
    assert.deepEqual(decisions([point("b"), point("a")]), [
      "b: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
      "a: keep, is the newest ready point, and none is proven",
    ]);
  });

  it("orders by the time of the contents, not by that of the take", () => {
    const points = [
      point("late-take", { takenAt: "2026-11-10T00:00:00Z", contentAt: "2026-11-01T00:00:00Z" }),
      point("late-content", { takenAt: "2026-11-05T00:00:00Z", contentAt: "2026-11-09T00:00:00Z" }),
    ];
    assert.deepEqual(decisions(points), [
      "late-take: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
      "late-content: keep, is the newest ready point, and none is proven",
    ]);
  });

  it("keeps what is on hold, even once its removal was begun", () => {
    assert.deepEqual(
      decisions([
        point("held", { hold: true }),
        point("going", { hold: true, state: "expiring" }),
        point("begun", { state: "expiring", expires: "2026-12-24T00:00:00Z" }),
        proven,
      ]).slice(0, 3),
      [
        "held: keep, is on hold",
        "going: keep, is on hold",
        "begun: expire, its removal was begun and has to be finished",
      ],
    );
  });

  it("leaves points alone that are not taken, or are gone", () => {
    assert.deepEqual(
      decisions([
        point("p", { state: "planned", takenAt: undefined }),
        point("c", { state: "taking", takenAt: undefined }),
        point("e", { state: "expired" }),
      ]),
      [
        "p: keep, is not taken yet",
        "c: keep, is being taken",
        "e: keep, has expired already; nothing of it is left",
      ],
    );
  });

  it("ends a failed point at its expiry, and a lost one only when a point is ready", () => {
    const failed = point("failed", { state: "failed", takenAt: undefined });
    const lost = point("lost", { state: "lost" });
    const older = point("older", { state: "lost", takenAt: "2026-10-01T00:00:00Z" });
    assert.deepEqual(decisions([failed, lost, older]), [
      "failed: expire, failed and expired at 2026-11-20T00:00:00Z",
      "lost: keep, is the newest there is: it lacks a member, and no point is ready",
      "older: expire, lacks a member and expired at 2026-11-20T00:00:00Z",
    ]);
    assert.equal(
      decisions([lost, proven])[0],
      "lost: expire, lacks a member and expired at 2026-11-20T00:00:00Z",
    );
  });
});

describe("retention by a policy", () => {
  const days = ["2026-11-16", "2026-11-22", "2026-11-23", "2026-11-24"].flatMap((day) => [
    point(`${day}-am`, { takenAt: `${day}T06:00:00Z` }),
    point(`${day}-pm`, { takenAt: `${day}T18:00:00Z` }),
  ]);
  const kept = (policy: RetentionPolicy): string[] =>
    decideRetention([...days, proven], policy, NOW)
      .filter(({ action, name }) => action === "keep" && name !== "proven")
      .map(({ name, reason }) => `${name} ${reason}`);
  const old = point("2026-09-30-pm", { takenAt: "2026-09-30T18:00:00Z" });

  it("keeps the last so many", () => {
    assert.deepEqual(kept({ keepLast: 2 }), [
      "2026-11-24-am is one of the last 2",
      "2026-11-24-pm is one of the last 2",
    ]);
    assert.deepEqual(kept({ keepLast: 1 }), ["2026-11-24-pm is the last"]);
    assert.deepEqual(kept({ keepLast: 0 }), []);
  });

  it("keeps all that are no older, to the second", () => {
    const edge = point("edge", { takenAt: "2026-11-23T12:00:00Z" });
    const past = point("past", { takenAt: "2026-11-23T11:59:59Z" });
    assert.deepEqual(decisions([edge, past, proven], { maxAgeDays: 2 }).slice(0, 2), [
      "edge: keep, is no older than 2 days",
      "past: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
    ]);
  });

  it("keeps the newest of each day, days without a point not counted", () => {
    assert.deepEqual(kept({ daily: 4 }), [
      "2026-11-16-pm is the newest of 2026-11-16 (4 days)",
      "2026-11-22-pm is the newest of 2026-11-22 (4 days)",
      "2026-11-23-pm is the newest of 2026-11-23 (4 days)",
      "2026-11-24-pm is the newest of 2026-11-24 (4 days)",
    ]);
  });

  it("keeps the newest of each ISO week, which ends on Sunday", () => {
    assert.deepEqual(kept({ weekly: 2 }), [
      "2026-11-22-pm is the newest of 2026-W47 (2 weeks)",
      "2026-11-24-pm is the newest of 2026-W48 (2 weeks)",
    ]);
  });

  it("knows the weeks at the turn of a year", () => {
    const turn = ["2020-12-31", "2021-01-03", "2021-01-04"].map((day) =>
      point(day, { takenAt: `${day}T00:00:00Z` }),
    );
    assert.deepEqual(decisions(turn, { weekly: 9 }), [
      "2020-12-31: expire, expired at 2026-11-20T00:00:00Z and no rule keeps it",
      "2021-01-03: keep, is the newest of 2020-W53 (9 weeks)",
      "2021-01-04: keep, is the newest ready point, and none is proven; is the newest of 2021-W01 (9 weeks)",
    ]);
  });

  it("keeps the newest of each month", () => {
    assert.equal(
      decisions([old, ...days], { monthly: 2 })[0],
      "2026-09-30-pm: keep, is the newest of 2026-09 (2 months)",
    );
  });

  it("lets no point that is not ready, and none dated ahead, take a place", () => {
    const points = [
      point("a", { takenAt: "2026-11-24T00:00:00Z" }),
      point("failed", { state: "failed", takenAt: "2026-11-24T01:00:00Z" }),
      point("lost", { state: "lost", takenAt: "2026-11-24T02:00:00Z" }),
      point("ahead", { takenAt: "2026-11-26T00:00:00Z", provenAt: "2026-11-24T00:00:00Z" }),
      point("skewed", { takenAt: "2026-11-24T03:00:00Z", contentAt: "2027-01-01T00:00:00Z" }),
    ];
    assert.deepEqual(decisions(points, { keepLast: 1 }), [
      "a: keep, is the newest ready point, and none is proven; is the last",
      "failed: expire, failed and expired at 2026-11-20T00:00:00Z",
      "lost: expire, lacks a member and expired at 2026-11-20T00:00:00Z",
      "ahead: keep, is dated 2026-11-26T00:00:00Z, which is still to come: clocks disagree",
      "skewed: keep, is dated 2027-01-01T00:00:00Z, which is still to come: clocks disagree",
    ]);
  });
});

describe("retention of random histories", () => {
  it("agrees with a naive model on 500", () => {
    fc.assert(fc.property(histories, checkHistory), { numRuns: 500 });
  }).timeout(60_000);
});
