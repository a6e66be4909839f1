import { deepStrictEqual } from "node:assert/strict";
import type { LiveState } from "../../../drift/types";
import { emptyRecord, type PointMember, type RecordState } from "../../../planning/pointRecord";
import { pointViews } from "../../../site/report/pointViews";
import { fixedInput } from "./page";
import { member, planOf, point } from "./plans";

const createdAt = "2026-11-22T10:00:00Z";

const vm: PointMember = { kind: "virtualMachine", ...member("a-1", "snapshot-11") };

const volume: PointMember = {
  kind: "volume",
  namespace: "atom",
  claim: "data-0",
  uid: "uid-0",
  snapshot: "pre-24.1.data-0",
  content: "content-0",
  handle: "handle-0",
  createdAt,
  bytes: 1024,
};

const etcd: PointMember = {
  kind: "etcd",
  node: "atom-cp-a",
  file: "/var/backups/etcd.db",
  sha256: "ab",
  createdAt,
};

function views(
  members: readonly PointMember[],
  state: RecordState = "ready",
  live?: LiveState,
): readonly (readonly [string, string, string])[] {
  const vms = [member("a-1", "snapshot-11")];
  const volumes = [{ namespace: "atom", claim: "data-0", uid: "uid-0" }];
  const { name, release, consistency, expires } = point();
  const empty = emptyRecord({ name, stack: "lab", release, state, consistency, expires, volumes });
  const plan = planOf({ points: [point({ vms })] });
  const points = [{ ...empty, members: [...members] }];
  return pointViews({ ...fixedInput, plan, points, live }).flatMap((view) =>
    view.members.map(({ subject, tone, words }) => [subject, tone, words] as const),
  );
}

describe("members of a restore point in the report", () => {
  it("are those that it means to take, before it was taken", () => {
    deepStrictEqual(views([], "planned"), [
      ["a-1", "calm", "not taken"],
      ["atom/data-0", "calm", "not taken"],
    ]);
  });

  it("are those that were taken and those that are left, while it is being taken", () => {
    deepStrictEqual(views([vm], "taking"), [
      ["a-1", "calm", "recorded, not looked at"],
      ["atom/data-0", "calm", "being taken"],
    ]);
  });

  it("are only those that were taken, afterwards", () => {
    deepStrictEqual(views([], "failed"), []);
  });

  it("are of every kind, each with what was seen of it", () => {
    const live: LiveState = {
      cluster: { state: "notNeeded" },
      vcenter: { state: "read", value: { instanceUuid: "id", vms: [] } },
    };
    deepStrictEqual(views([vm, volume, etcd], "ready", live), [
      ["a-1", "bad", "missing"],
      ["atom/data-0", "calm", "recorded, not looked at"],
      ["atom-cp-a", "calm", "recorded, not looked at"],
    ]);
  });

  it("say what was marked, whatever is there", () => {
    deepStrictEqual(
      views([
        { ...volume, lost: createdAt },
        { ...vm, expiredAt: createdAt },
      ]),
      [
        ["atom/data-0", "bad", "lost"],
        ["a-1", "warn", "ended on purpose"],
      ],
    );
  });
});
