import { deepStrictEqual } from "node:assert/strict";

import type { LiveState } from "../../../drift/types";
import { kindKey } from "../../../drift/types";
import { memberViews } from "../../../site/report/memberViews";
import type { RestorePointPlan } from "../../../planning/plan";
import type { PointMember } from "../../../planning/pointRecord";
import { takenAt, liveOf, vm, member, point, pointMember, snapshotOf } from "../../drift/fixtures";
import { liveContent, liveVolumeSnapshot, volume, volumeMember } from "../../drift/volumeFixtures";

const etcd: PointMember = {
  kind: "etcd",
  node: "atom-cp-a",
  file: "/var/backups/etcd.db",
  sha256: "ab",
  createdAt: takenAt,
  lost: undefined,
  expiredAt: undefined,
};

function views(
  members: readonly PointMember[],
  live?: LiveState,
  state: RestorePointPlan["state"] = "ready",
): readonly (readonly [string, string, string])[] {
  const plan = { state, intended: ["a-1"], intendedVolumes: [volume("data-0")] };
  const file = point({ state: "ready", takenAt, members });
  return memberViews(
    { live } as Parameters<typeof memberViews>[0],
    plan as unknown as RestorePointPlan,
    file,
  ).map(({ subject, tone, words }) => [subject, tone, words]);
}

describe("members of a restore point in the report", () => {
  const one = volumeMember("data-0");
  const there = [liveVolumeSnapshot("data-0"), liveContent("data-0")];

  it("are those that it means to take, before it was cut", () => {
    deepStrictEqual(views([], undefined, "planned"), [
      ["a-1", "calm", "not cut"],
      ["atom/data-0", "calm", "not cut"],
    ]);
  });

  it("are of every kind, each with what was seen of it", () => {
    const live = liveOf({
      objects: there,
      vms: [vm("a-1", [snapshotOf(member("a-1"), "snapshot-7")])],
    });
    deepStrictEqual(views([pointMember("a-1", "snapshot-7"), one, etcd], live), [
      ["a-1", "good", "there"],
      ["atom/data-0", "good", "there"],
      ["atom-cp-a", "calm", "etcd, a file on this node"],
    ]);
  });

  const unread = kindKey("snapshot.storage.k8s.io/v1", "VolumeSnapshotContent");
  for (const [title, live, tone, words] of [
    ["was not looked at", undefined, "calm", "recorded, not looked at"],
    [
      "could not be read",
      { ...liveOf({}), cluster: { state: "unknown", why: "It is silent." } },
      "calm",
      "recorded, the cluster could not be read",
    ],
    [
      "may not be read",
      liveOf({ unreadKinds: { [unread]: "It is forbidden." } }),
      "calm",
      "recorded, the cluster could not be read",
    ],
    [
      "lacks its object",
      liveOf({ objects: [liveContent("data-0")] }),
      "warn",
      "there, but something has to be mended",
    ],
    ["is gone", liveOf({}), "bad", "missing"],
  ] as const) {
    it(`says of a volume that it ${title}`, () => {
      deepStrictEqual(views([one], live), [["atom/data-0", tone, words]]);
    });
  }

  it("says what was marked, whatever is there", () => {
    const live = liveOf({ objects: there });
    deepStrictEqual(
      views(
        [
          { ...one, lost: takenAt },
          { ...volumeMember("data-1"), expiredAt: takenAt },
        ],
        live,
      ),
      [
        ["atom/data-0", "bad", "lost"],
        ["atom/data-1", "warn", "ended on purpose"],
      ],
    );
  });
});
