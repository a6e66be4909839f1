import { deepStrictEqual } from "node:assert/strict";

import type { ClusterObject } from "../../../clients/kubernetes/object";
import { volumeSnapshotOf, type LiveVolumeSnapshot } from "../../../drift/volumeObjects";
import {
  explain,
  judgeTaken,
  takeLimits,
  type TakeHistory,
  type TakeJudgement,
  type TakeSeen,
} from "../../../restorepoint/take/judge";

const API = { apiVersion: "snapshot.storage.k8s.io/v1" };
const fresh = volumeSnapshotOf({ ...API, kind: "VolumeSnapshot", metadata: { name: "p" } });
const bound: LiveVolumeSnapshot = { ...fresh, content: "snapcontent-1", ready: false };
const silent: ClusterObject = {
  ...API,
  kind: "VolumeSnapshotContent",
  metadata: { name: "snapcontent-1" },
};
const called: ClusterObject = {
  ...silent,
  metadata: {
    name: "snapcontent-1",
    annotations: { "snapshot.storage.kubernetes.io/volumesnapshot-being-created": "yes" },
  },
};
const answered: ClusterObject = { ...silent, status: { readyToUse: false } };

const judge = (seen: TakeSeen, elapsed: number, history: TakeHistory | undefined): TakeJudgement =>
  judgeTaken("ready", seen, elapsed, history, takeLimits);

const metadata = { name: "p", deletionTimestamp: "2026-11-20T10:00:01Z" };
const deleted: ClusterObject = { ...fresh.object, metadata };

/** As external-snapshotter 8 wraps it. */
const wrapped = (code: string, words: string): string =>
  `Failed to check and update snapshot content: failed to take snapshot of the volume vol-1: "rpc error: code = ${code} desc = ${words}"`;
const noSpace = wrapped("ResourceExhausted", 'pool \\"p1\\" is full');
const noSpaceText = 'The storage driver reports ResourceExhausted: pool "p1" is full';
const failing: LiveVolumeSnapshot = { ...bound, error: noSpace, errorAt: "2026-11-20T10:00:01Z" };
const since = (seconds: number): TakeHistory => ({
  message: noSpace,
  since: seconds,
  reports: ["2026-11-20T10:00:01Z"],
});

const noClass = 'Failed to create snapshot content with error snapshot class "none" not found';

interface Case extends Partial<TakeSeen> {
  readonly title: string;
  readonly elapsed: number;
  readonly history?: TakeHistory;
  readonly expected: readonly [state: string, why?: string];
}

const cases: readonly Case[] = [
  {
    title: "is ready when the controller says so, whatever stale error stands there",
    snapshot: { ...failing, ready: true },
    elapsed: 500,
    expected: ["done"],
  },
  {
    title: "is waited for while nobody has answered yet",
    snapshot: fresh,
    elapsed: 29.9,
    expected: ["waiting", "the snapshot controller has not answered yet"],
  },
  {
    title: "fails when the snapshot controller does not answer",
    snapshot: fresh,
    elapsed: 30,
    expected: [
      "failed",
      "The snapshot controller does not answer: no status after 30 s. Look whether snapshot-controller runs, and for " +
        "what it logs.",
    ],
  },
  {
    title: "fails when the driver does not answer",
    snapshot: bound,
    content: silent,
    elapsed: 31,
    expected: [
      "failed",
      "The storage driver does not answer: its content snapcontent-1 has no status after 30 s. Look whether the driver's " +
        "controller runs, with its sidecar csi-snapshotter.",
    ],
  },
  {
    title: "is waited for while the driver's call is under way",
    snapshot: bound,
    content: called,
    elapsed: 59,
    expected: ["waiting", "the storage driver is at work"],
  },
  {
    title: "may become ready late, within its budget",
    snapshot: bound,
    content: answered,
    elapsed: 599,
    expected: ["waiting", "the storage driver is at work"],
  },
  {
    title: "fails when its budget is used up",
    snapshot: bound,
    content: answered,
    elapsed: 600,
    expected: [
      "failed",
      "It was not ready in time: the driver has reported no error, and 600 s have gone by.",
    ],
  },
  {
    title: "bears an error that may pass",
    snapshot: failing,
    elapsed: 2,
    expected: ["waiting", noSpaceText],
  },
  {
    title: "fails when it lasts",
    snapshot: failing,
    elapsed: 12,
    history: since(2),
    expected: ["failed", noSpaceText],
  },
  {
    title: "fails when it is reported a second time",
    snapshot: { ...failing, errorAt: "2026-11-20T10:00:03Z" },
    elapsed: 4,
    history: since(2),
    expected: ["failed", noSpaceText],
  },
  {
    title: "begins to count anew with another error",
    snapshot: { ...failing, error: wrapped("Unavailable", "connection refused") },
    elapsed: 12,
    history: since(2),
    expected: ["waiting", "The storage driver reports Unavailable: connection refused"],
  },
  {
    title: "hears the driver before the controller has passed it on",
    snapshot: bound,
    content: { ...silent, status: { error: { message: wrapped("NotFound", "no volume vol-1") } } },
    elapsed: 1,
    expected: ["failed", "The storage driver reports NotFound: no volume vol-1"],
  },
  {
    title: "fails at the end when what the controller says is none of the driver's",
    snapshot: { ...fresh, error: noClass, errorAt: "2026-11-20T10:00:01Z" },
    elapsed: 15,
    history: { message: noClass, since: 1, reports: ["2026-11-20T10:00:01Z"] },
    expected: ["failed", `The snapshot controller reports: ${noClass}`],
  },
  {
    title: "fails when it was deleted meanwhile",
    snapshot: undefined,
    elapsed: 1,
    expected: ["failed", "It was deleted while it was being taken."],
  },
  {
    title: "fails when its namespace is being deleted",
    snapshot: { ...bound, ready: true, object: deleted },
    elapsed: 1,
    expected: ["failed", "It or its namespace is being deleted while it is being taken."],
  },
];

describe("a snapshot that is being taken", () => {
  for (const { title, snapshot, content, elapsed, history, expected } of cases) {
    it(title, () => {
      const { verdict } = judge({ snapshot, content }, elapsed, history);
      deepStrictEqual(
        verdict.state === "done" ? [verdict.state] : [verdict.state, verdict.why],
        expected,
      );
    });
  }

  const failed =
    "InvalidArgument NotFound AlreadyExists PermissionDenied FailedPrecondition OutOfRange Unimplemented Unauthenticated";
  const waiting =
    "Canceled Unknown DeadlineExceeded ResourceExhausted Aborted Internal Unavailable DataLoss";
  const codes = Object.entries({ failed, waiting }).flatMap(([state, words]) =>
    words.split(" ").map((code) => [code, state] as const),
  );
  for (const [code, state] of codes) {
    it(`${state === "failed" ? "fails at once" : "is given a moment"} after ${code}`, () => {
      const snapshot = { ...bound, error: wrapped(code, "words"), errorAt: "t" };
      const { verdict } = judge({ snapshot, content: undefined }, 1, undefined);
      deepStrictEqual(verdict, { state, why: `The storage driver reports ${code}: words` });
    });
  }

  for (const code of ["DeadlineExceeded", "Aborted"]) {
    it(`is waited for to the end of the budget after ${code}, however often it is reported`, () => {
      const seen = (errorAt: string) => ({
        snapshot: { ...bound, error: wrapped(code, "words"), errorAt },
        content: undefined,
      });
      const early = judge(seen("first"), 60, undefined);
      const late = judge(seen("second"), 599, early.history);
      const why = `The storage driver reports ${code}: words`;
      deepStrictEqual(late.verdict, { state: "waiting", why });
      deepStrictEqual(judge(seen("third"), 600, late.history).verdict, {
        state: "failed",
        why,
      });
    });
  }

  it("is taken once the driver has its moment, before it is ready and whatever error came then", () => {
    const snapshot = { ...failing, takenAt: "2026-11-20T10:00:00Z" };
    const seen = { snapshot, content: undefined };
    deepStrictEqual(judgeTaken("taken", seen, 20, undefined, takeLimits).verdict, {
      state: "done",
    });
    deepStrictEqual(judge(seen, 20, since(2)).verdict.state, "failed");
  });

  it("gets the driver's words out of every wrapping", () => {
    for (const message of [
      'Failed to create snapshot: failed to take snapshot of the volume vol-1: "rpc error: code = Internal desc = a \\"b\\" c"',
      'rpc error: code = Internal desc = a "b" c',
    ]) {
      deepStrictEqual(explain(message), {
        code: "Internal",
        text: 'The storage driver reports Internal: a "b" c',
      });
    }
  });
});
