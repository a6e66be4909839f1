import { deepStrictEqual, equal } from "node:assert/strict";

import { decideDue, vmsAge, vmsEnd, namedRefusal, type PointFacts } from "../../planning/expiry";
import type { PointRecord } from "../../planning/pointRecord";
import { vmMember, point, volume } from "../restorepoint/expire/fixtures";

const now = new Date("2026-11-25T12:00:00Z");
const plain: PointFacts = { provenAt: undefined, broken: false, remaining: [], unfinished: false };

function due(
  points: readonly PointRecord[],
  facts: Readonly<Record<string, Partial<PointFacts>>> = {},
): readonly (readonly [string, string, string])[] {
  return decideDue(points, (name) => ({ ...plain, ...facts[name] }), {}, 72, now).map(
    ({ name, scope, reason }) => [name, scope, reason],
  );
}

describe("when restore points end", () => {
  const young = point("young", {
    takenAt: "2026-11-25T10:00:00Z",
    expires: "2026-12-02T00:00:00Z",
    members: [volume("young", "data-0", { createdAt: "2026-11-25T10:00:00Z" })],
  });

  it("ends VM snapshots at the greatest age, or with the point if that is earlier", () => {
    const members = [vmMember("old", "a-1")];
    const takenAt = "2026-11-20T00:00:00Z";
    const late = point("old", { takenAt, members, expires: "2026-12-01T00:00:00Z" });
    equal(vmsEnd(late, 72), "2026-11-23T00:00:00.000Z");
    equal(vmsEnd({ ...late, expires: "2026-11-22T00:00:00Z" }, 72), "2026-11-22T00:00:00.000Z");
    equal(vmsEnd(late, undefined), "2026-12-01T00:00:00.000Z");
    equal(vmsEnd(young, 72), undefined);
  });

  it("ends a point with volumes by its expires, and never the newest ready one", () => {
    deepStrictEqual(due([point("old"), young]), [
      ["old", "point", "expired at 2026-11-22T00:00:00Z and no rule keeps it"],
    ]);
    deepStrictEqual(due([point("old")]), []);
  });

  it("keeps the newest proven point, however old", () => {
    deepStrictEqual(due([point("old"), young], { old: { provenAt: "2026-11-21T00:00:00Z" } }), []);
  });

  it("ends the VM snapshots of a point that stays", () => {
    const both = point("both", {
      expires: "2026-12-02T00:00:00Z",
      members: [volume("both", "data-0"), vmMember("both", "a-1")],
    });
    deepStrictEqual(due([both]), [
      ["both", "vms", "its VM snapshots ended at 2026-11-23T10:00:01.000Z"],
    ]);
    deepStrictEqual(due([{ ...both, hold: true }]), []);
  });

  it("ends no VM snapshot while an upgrade is open, and says so of them", () => {
    const old = point("old", { members: [vmMember("old", "a-1")] });
    const upgrade = point("pre-24.2", { hold: true });
    const limits = { maxAgeHours: 72, flagAgeHours: 48 };
    deepStrictEqual(due([old, upgrade]), []);
    deepStrictEqual(vmsAge(old, [old, upgrade], limits, now), {
      state: "overdue",
      end: "2026-11-22T00:00:00.000Z",
      heldBy: "the upgrade of pre-24.2 was begun and not ended",
    });
    equal(vmsAge(old, [old], limits, now)?.heldBy, undefined);
    equal(vmsAge({ ...old, hold: true }, [old], limits, now)?.heldBy, "the point is on hold");
  });

  for (const [hours, state] of [
    [47.9, "young"],
    [48, "flagged"],
    [71.9, "flagged"],
    [72, "overdue"],
  ] as const) {
    it(`calls VM snapshots ${state} after ${hours} hours`, () => {
      const takenAt = new Date(now.getTime() - hours * 3_600_000).toISOString();
      const members = [vmMember("one", "a-1")];
      const one = point("one", { takenAt, members, expires: "2026-12-31T00:00:00Z" });
      const limits = { maxAgeHours: 72, flagAgeHours: 48 };
      equal(vmsAge(one, [one], limits, now)?.state, state);
    });
  }

  it("ends a point of VM snapshots alone as a whole, though it is the last", () => {
    const only = point("only", { members: [vmMember("only", "a-1")] });
    deepStrictEqual(due([only]), [
      ["only", "point", "its VM snapshots ended at 2026-11-22T00:00:00.000Z"],
    ]);
    deepStrictEqual(due([{ ...only, hold: true }]), []);
  });

  it("goes on with what was begun, unless it is on hold since", () => {
    const begun = point("begun", { state: "expiring" });
    const unfinished = { begun: { unfinished: true } };
    const reason = "its removal was begun and has to be finished";
    deepStrictEqual(due([begun], unfinished), [["begun", "point", reason]]);
    deepStrictEqual(due([{ ...begun, hold: true }], unfinished), []);
    deepStrictEqual(due([young], { young: { remaining: ["a-1"] } }), [
      ["young", "vms", "the removal of its VM snapshots was begun and has to be finished"],
    ]);
  });

  for (const [title, changed, facts, refusal] of [
    ["one on hold", { hold: true }, {}, "is on hold"],
    ["one that is not taken", { state: "planned", takenAt: undefined }, {}, "is not taken yet"],
    ["one that is being taken", { state: "taking", takenAt: undefined }, {}, "is being taken"],
    ["one with a newer one beside it", {}, {}, undefined],
    [
      "the newest proven one",
      {},
      { old: { provenAt: "2026-11-21T00:00:00Z" } },
      "is the newest proven point",
    ],
    [
      "one whose removal was begun",
      { state: "expiring" },
      { old: { unfinished: true } },
      undefined,
    ],
  ] as const) {
    it(`judges ${title}, named by somebody`, () => {
      const named = point("old", changed);
      const known: Readonly<Record<string, Partial<PointFacts>>> = facts;
      const of = (name: string): PointFacts => ({ ...plain, ...known[name] });
      equal(namedRefusal(named, [named, young], of, now), refusal);
    });
  }

  it("refuses the last ready point that holds volumes, also before its time", () => {
    const reason = "is the newest ready point, and none is proven";
    equal(
      namedRefusal(young, [young], () => plain, now),
      reason,
    );
  });
});
