import { deepEqual } from "node:assert/strict";

import { judgePoint, verificationLines } from "../../cli/print/verification";
import type { MemberResult, MemberVerdict } from "../../restorepoint/verify/types";

function verification(verdicts: readonly MemberVerdict[], left: readonly string[] = []) {
  const members = verdicts.map((verdict, n): MemberResult => ({ member: `m${n}`, verdict }));
  return { members, seconds: 7, left, uncovered: [] };
}

describe("what a verification says of a point", () => {
  const cases: readonly (readonly [readonly MemberVerdict[], string, string])[] = [
    [["proven", "proven"], "proven", "point p: proven"],
    [["proven", "expired"], "proven", "point p: proven"],
    [["readable", "readable"], "readable", "point p: readable"],
    [["proven", "readable"], "readable", "point p: readable (1 of 2 proven)"],
    [
      ["proven", "there"],
      "proven",
      "point p: proven; of its 1 VM snapshots it is known that they are there, and no more",
    ],
    [["there"], "failed", "point p: unknown: it holds nothing that can be restored and read"],
    [["proven", "failed", "unknown"], "failed", "point p: NOT proven: m1"],
    [["proven", "lost"], "failed", "point p: NOT proven: m1"],
    [["proven", "unknown"], "failed", "point p: unknown: m1"],
    [["proven", "restored"], "failed", "point p: unknown: m1"],
  ];
  for (const [verdicts, result, text] of cases) {
    it(`${verdicts.join(", ")}: ${result}`, () =>
      deepEqual(judgePoint("p", verification(verdicts), true), { result, text }));
  }

  it("names what it does not cover", () => {
    const found = { ...verification(["proven"]), uncovered: ["atom/cache"] };
    deepEqual(judgePoint("p", found, true).text, "point p: proven; not covered: atom/cache");
  });

  it("is not proven by stored objects alone, and not without those that were recorded", () => {
    const release = (verdict: MemberVerdict): MemberResult => ({
      member: "release objects",
      verdict,
    });
    const { members, ...rest } = verification(["proven"]);
    deepEqual(judgePoint("p", { ...rest, members: [release("proven")] }, true).result, "failed");
    deepEqual(judgePoint("p", { ...rest, members: [...members, release("failed")] }, true), {
      result: "failed",
      text: "point p: NOT proven: release objects",
    });
  });

  it("does not speak of the whole point after a look at one member", () => {
    deepEqual(judgePoint("p", verification(["proven"]), false).text, "of point p, m0: proven");
  });

  it("fails while something that was made is still there", () => {
    deepEqual(
      judgePoint("p", verification(["proven"], ["PersistentVolume x is still there."]), true),
      {
        result: "failed",
        text: "point p: proven; not all was removed",
      },
    );
  });

  it("has a line for each member, and never one word for two verdicts", () => {
    const manifest = { digest: `1:${"a".repeat(64)}`, files: 3, bytes: 70 };
    const members: MemberResult[] = [
      {
        member: "volume a/b",
        verdict: "proven",
        seconds: 5,
        restoreSeconds: 4,
        readSeconds: 1,
        manifest,
      },
      { member: "volume a/c", verdict: "restored", why: "no probe", restoreSeconds: 12 },
      { member: "virtualMachine n", verdict: "there" },
    ];
    const found = { members, seconds: 7, left: ["x stays."], uncovered: [] };
    deepEqual(verificationLines(found, judgePoint("p", found, true)), [
      "  member            verdict                  restored  read   manifest",
      "  volume a/b        proven                   4.0 s     1.0 s  1:aaaaaaaaaaaa…, 3 files, 70 bytes",
      "  volume a/c        restored, not looked at  12.0 s    -      -",
      "  virtualMachine n  there                    -         -      -",
      "volume a/c: no probe",
      "not removed: x stays.",
      "point p: unknown: volume a/c (7 s)",
    ]);
  });
});
