import { deepStrictEqual, equal, match, ok } from "node:assert/strict";

import { planExpiry } from "../../../restorepoint/expire/planExpiry";
import { removalLines } from "../../../restorepoint/expire/reviewExpiry";
import type { ExpiryScope } from "../../../planning/expiry";
import type { PointRecord } from "../../../planning/pointRecord";
import {
  cluster,
  liveSnapshots,
  liveContent,
  liveSnapshot,
  vm,
  vmMember,
  vmSnapshot,
  point,
  volume,
} from "./fixtures";
import type { LiveSnapshots } from "../../../restorepoint/liveSnapshots";

function plan(points: readonly PointRecord[], live: LiveSnapshots, scope: ExpiryScope = "point") {
  const decisions = points.map(({ name }) => ({ name, scope, reason: "it is due" }));
  return planExpiry(decisions, points, { className: "atom-snapshots", liveSnapshots: live });
}

function one(...question: Parameters<typeof plan>) {
  const [first] = plan(...question);
  ok(first);
  return first;
}

describe("what the removal of a restore point would do", () => {
  const old = point("old");
  const member = volume("old", "data-0");

  it("removes a volume's snapshot by its recorded handle, with its content", () => {
    const { volumes, left, refusals } = one([old], liveSnapshots(cluster([old])));
    deepStrictEqual([left, refusals], [[], []]);
    deepStrictEqual(removalLines(volumes), ["VolumeSnapshot atom/old.data-0"]);
    deepStrictEqual(volumes.contents, [
      { name: "content-old-data-0", snapshot: "atom/old.data-0", ofGroup: false },
    ]);
  });

  it("removes a content that is left alone", () => {
    const { volumes } = one([old], liveSnapshots(cluster([old], { snapshots: new Map() })));
    deepStrictEqual(volumes.snapshots, []);
    deepStrictEqual(removalLines(volumes), [
      "VolumeSnapshotContent content-old-data-0, whose VolumeSnapshot is gone",
    ]);
  });

  it("leaves a namesake alone that is bound to another content", () => {
    const snapshots = new Map([["atom/old.data-0", liveSnapshot(member, "old", "content-new")]]);
    const { volumes, left } = one([old], liveSnapshots(cluster([old], { snapshots })));
    deepStrictEqual(volumes.snapshots, []);
    deepStrictEqual(left, [
      "VolumeSnapshot atom/old.data-0: it is bound to content-new, which was not taken for this point",
    ]);
  });

  it("removes the VolumeSnapshot that waits for the end of its content", () => {
    const { volumes, left } = one([old], liveSnapshots(cluster([old], { contents: [] })));
    equal(volumes.snapshots.length, 1);
    deepStrictEqual([volumes.contents, left], [[], []]);
  });

  it("says what nothing in the cluster leads to", () => {
    const live = cluster([old], { contents: [], snapshots: new Map() });
    deepStrictEqual(one([old], liveSnapshots(live)).left, [
      "Snapshot of atom/data-0 (handle-old-data-0): no VolumeSnapshotContent has that handle; if the storage still has it, it stays there",
    ]);
  });

  it("says nothing of what an interrupted run has removed", () => {
    const begun = point("old", {
      state: "expiring",
      members: [member, vmMember("old", "a-1")],
    });
    const live = liveSnapshots(cluster([old], { contents: [], snapshots: new Map() }), [
      vm("a-1", []),
    ]);
    deepStrictEqual(one([begun], live).left, []);
  });

  it("waits for a claim that is being made from it", () => {
    const restoring = [{ claim: "atom/copy", snapshot: "atom/old.data-0" }];
    deepStrictEqual(one([old], liveSnapshots(cluster([old], { restoring }))).refusals, [
      "Snapshot of atom/data-0 (handle-old-data-0): claim atom/copy is being made from it",
    ]);
  });

  it("waits for another object that leads to the same snapshot", () => {
    const contents = [
      liveContent(member),
      liveContent(member, { name: "scratch", snapshot: "scratch-snapshot" }),
    ];
    deepStrictEqual(one([old], liveSnapshots(cluster([old], { contents }))).refusals, [
      "Snapshot of atom/data-0 (handle-old-data-0): scratch of VolumeSnapshot atom/scratch-snapshot has the same snapshot; end what uses it first",
    ]);
  });

  it("cannot tell what an unreadable system holds", () => {
    const silent = { state: "unknown", why: "It is silent." } as const;
    const both = point("old", { members: [member, vmMember("old", "a-1")] });
    deepStrictEqual(one([both], { cluster: silent, vcenter: silent }).unknown, [
      "VM snapshots: It is silent.",
      "Volume snapshots: It is silent.",
    ]);
  });

  it("ends a group with its object, and its members with it", () => {
    const grouped = volume("old", "data-0", { group: "old" });
    const whole = point("old", { groupVersion: "v1", members: [grouped] });
    const group = {
      apiVersion: "groupsnapshot.storage.k8s.io/v1",
      kind: "VolumeGroupSnapshot",
      metadata: {
        namespace: "atom",
        name: "old",
        labels: liveSnapshot(grouped, "old").object.metadata.labels ?? {},
      },
    };
    const content = {
      apiVersion: "groupsnapshot.storage.k8s.io/v1",
      kind: "VolumeGroupSnapshotContent",
      metadata: { name: "group-content" },
      spec: { volumeGroupSnapshotRef: { namespace: "atom", name: "old" } },
      status: { volumeSnapshotInfoList: [{ snapshotHandle: grouped.handle }] },
    };
    const live = cluster([whole], { groups: [group], groupContents: [content] });
    const lines = (given: typeof live) => removalLines(one([whole], liveSnapshots(given)).volumes);
    deepStrictEqual(lines(live), ["VolumeGroupSnapshot atom/old and its members"]);
    // Without the group only its content makes the sidecar remove the storage's snapshots.
    deepStrictEqual(lines({ ...live, groups: [], snapshots: new Map() }), [
      "VolumeGroupSnapshotContent group-content, whose group is gone",
      "VolumeSnapshotContent content-old-data-0, whose VolumeSnapshot is gone",
    ]);
    const foreign = { ...group, metadata: { namespace: "atom", name: "old" } };
    deepStrictEqual(lines({ ...live, groups: [foreign], groupContents: [] }), [
      "VolumeSnapshot atom/old.data-0",
    ]);
  });

  it("finds what a failed take has left by its marks, and nothing that carries none", () => {
    const failed = point("old", {
      state: "failed",
      takenAt: undefined,
      members: [],
      volumes: [{ namespace: "atom", claim: "data-0", uid: member.uid }],
    });
    deepStrictEqual(removalLines(one([failed], liveSnapshots(cluster([old]))).volumes), [
      "VolumeSnapshot atom/old.data-0",
    ]);
    const unmarked = { ...liveSnapshot(member, "other"), claim: "data-0" };
    const snapshots = new Map([["atom/old.data-0", unmarked]]);
    const { volumes } = one([failed], liveSnapshots(cluster([old], { snapshots })));
    deepStrictEqual(removalLines(volumes), []);
  });
});

describe("what the removal of VM snapshots would do", () => {
  const old = point("old", { members: [vmMember("old", "a-1")] });
  const young = point("young", {
    takenAt: "2026-11-21T10:00:00Z",
    members: [vmMember("young", "a-1")],
  });
  const chain = [
    vmSnapshot("old", "a-1", undefined),
    vmSnapshot("young", "a-1", "snapshot-old-a-1"),
  ];

  it("removes one by its reference", () => {
    const live = liveSnapshots(cluster([]), [vm("a-1", chain.slice(0, 1))]);
    const { vms } = one([old], live, "vms");
    deepStrictEqual(vms, [
      { node: "a-1", uuid: "uuid-a-1", vm: "atom-a-1", handle: "snapshot-old-a-1" },
    ]);
  });

  it("lets one that has to wait hold up no other VM's, but of a point that goes with its volumes", () => {
    const both = [vmMember("old", "a-1"), vmMember("old", "b-1")];
    const vms = [vm("a-1", chain), vm("b-1", [vmSnapshot("old", "b-1", undefined)])];
    const vmsOnly = one([point("old", { members: both })], liveSnapshots(cluster([]), vms));
    deepStrictEqual(
      [vmsOnly.scope, vmsOnly.waiting, vmsOnly.vms.map(({ node }) => node), vmsOnly.refusals],
      ["vms", ["a-1"], ["b-1"], []],
    );
    const data = volume("old", "data-0");
    const whole = one(
      [point("old", { members: [...both, data] })],
      liveSnapshots(cluster([]), vms),
    );
    deepStrictEqual([whole.scope, whole.waiting, whole.refusals.length], ["point", [], 1]);
  });

  it("waits while a younger one hangs below it", () => {
    const live = liveSnapshots(cluster([]), [vm("a-1", chain)]);
    deepStrictEqual(one([old], live).refusals, [
      "VM snapshot snapshot-old-a-1 of a-1: atom.site-a.young (snapshot-young-a-1) of atom-a-1 hangs below it and is younger; it waits until that is gone",
    ]);
  });

  it("removes the younger one first when both go", () => {
    const live = liveSnapshots(cluster([]), [vm("a-1", chain)]);
    const plans = plan([old, young], live);
    deepStrictEqual(
      plans.map(({ point: { name }, refusals }) => [name, refusals]),
      [
        ["young", []],
        ["old", []],
      ],
    );
  });

  it("finishes the removal of one that is called ended already", () => {
    const ended = point("old", {
      members: [vmMember("old", "a-1", { expiredAt: "2026-11-23T00:00:00Z" })],
    });
    const there = liveSnapshots(cluster([]), [vm("a-1", chain.slice(0, 1))]);
    equal(one([ended], there, "vms").vms.length, 1);
    const gone = one([ended], liveSnapshots(cluster([]), [vm("a-1", [])]), "vms");
    deepStrictEqual([gone.vms, gone.left], [[], []]);
  });

  it("leaves what is not marked as this point's", () => {
    const foreign = vmSnapshot("old", "a-1", undefined, { description: "VM Backup" });
    const { vms, left } = one([old], liveSnapshots(cluster([]), [vm("a-1", [foreign])]));
    deepStrictEqual(vms, []);
    equal(left.length, 1);
    match(left[0] ?? "", /atom-a-1 has atom\.site-a\.old .* does not carry this point's mark/);
  });
});
