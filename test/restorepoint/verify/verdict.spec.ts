import { deepEqual, equal } from "node:assert/strict";

import type { JobStatus } from "../../../restorepoint/jobs/jobStatus";
import type { MemberVerification } from "../../../planning/pointRecord";
import { seed } from "../catalog/support";
import { judgeProbe, verificationOf, withVerification } from "../../../restorepoint/verify/verdict";

const A = `1:${"a".repeat(64)}`;
const B = `1:${"b".repeat(64)}`;
const OTHER_FORM = `2:${"b".repeat(64)}`;

function ended(exitCode: number, message: string): JobStatus {
  const container = { name: "probe", state: "ended" as const, exitCode, message };
  return {
    state: exitCode === 0 ? "succeeded" : "failed",
    containers: [container],
    why: "",
  };
}

function earlier(
  result: MemberVerification["result"],
  manifestDigest: string,
): readonly MemberVerification[] {
  const at = "2026-11-24T12:00:00Z";
  return [{ member: "volume atom/data-0", result, at, seconds: 1, manifestDigest }];
}

const read = ended(0, `manifest=${A} files=3 bytes=70`);
const manifest = { digest: A, files: 3, bytes: 70 };

describe("what a probe's end says", () => {
  const cases: readonly (readonly [string, ReturnType<typeof judgeProbe>, object])[] = [
    ["read, and nobody says more", judgeProbe(read, false, []), { verdict: "readable", manifest }],
    ["the command proves", judgeProbe(read, true, []), { verdict: "proven", manifest }],
    [
      "the manifest of an earlier proof proves",
      judgeProbe(read, false, earlier("proven", A)),
      { verdict: "proven", manifest },
    ],
    [
      "twice the same reading is no proof",
      judgeProbe(read, false, earlier("readable", A)),
      { verdict: "readable", manifest },
    ],
    [
      "a failed one is no measure",
      judgeProbe(read, false, earlier("failed", B)),
      { verdict: "readable", manifest },
    ],
    [
      "another form of the manifest cannot be compared",
      judgeProbe(read, false, earlier("proven", OTHER_FORM)),
      { verdict: "readable", manifest },
    ],
    [
      "other bytes than those proven, whatever the command says",
      judgeProbe(read, true, earlier("proven", B)),
      {
        verdict: "failed",
        why: `the bytes differ from what was proven at 2026-11-24T12:00:00Z: the manifest is ${A} and was ${B}`,
        manifest,
      },
    ],
    [
      "other bytes than those read",
      judgeProbe(read, false, earlier("readable", B)),
      {
        verdict: "failed",
        why: `the bytes differ from what was read at 2026-11-24T12:00:00Z: the manifest is ${A} and was ${B}`,
        manifest,
      },
    ],
    [
      "the probe's no",
      judgeProbe(ended(65, "x: FAILED\nthe probe ended with exit code 1"), true, []),
      {
        verdict: "failed",
        why: "it is not what it should be: x: FAILED the probe ended with exit code 1",
      },
    ],
    [
      "a file that cannot be read",
      judgeProbe(ended(66, "not everything can be read"), true, []),
      { verdict: "failed", why: "it cannot be read: not everything can be read" },
    ],
    [
      "a probe that was ended",
      judgeProbe(ended(137, ""), true, []),
      { verdict: "unknown", why: "the probe did not come to its end: exit code 137" },
    ],
    [
      "last words of somebody else",
      judgeProbe(ended(0, "ok"), true, []),
      {
        verdict: "unknown",
        why: 'the probe ended without a manifest; its last words are "ok"',
      },
    ],
  ];
  for (const [title, found, expected] of cases) {
    it(title, () => deepEqual(found, expected));
  }
});

describe("what the catalog keeps of verifications", () => {
  it("keeps nothing of what says nothing about the member", () => {
    for (const verdict of ["restored", "there", "unknown", "lost", "expired"] as const) {
      equal(verificationOf({ member: "m", verdict }, "2026-11-25T12:00:00Z"), undefined);
    }
  });

  it("keeps digest, sizes and times", () => {
    const times = { seconds: 5, restoreSeconds: 4, readSeconds: 1 };
    deepEqual(
      verificationOf(
        { member: "m", verdict: "proven", manifest, ...times },
        "2026-11-25T12:00:00Z",
      ),
      {
        member: "m",
        result: "proven",
        at: "2026-11-25T12:00:00Z",
        ...times,
        manifestDigest: A,
        files: 3,
        bytes: 70,
        message: undefined,
      },
    );
  });

  it("keeps the newest four of a member and its newest proof, and all of the others", () => {
    const one = (member: string, n: number, result: MemberVerification["result"]) => ({
      member,
      result,
      at: `2026-11-25T12:00:0${n}Z`,
      seconds: n,
    });
    const all = [
      one("x", 0, "readable"),
      one("m", 1, "proven"),
      one("m", 2, "proven"),
      ...[3, 4, 5, 6, 7].map((n) => one("m", n, "failed")),
    ];
    const catalogue = all.reduce(withVerification, seed("pre-24.1"));
    deepEqual(
      catalogue.verifications.map(({ member, seconds }) => `${member}${seconds}`),
      ["x0", "m2", "m4", "m5", "m6", "m7"],
    );
  });
});
