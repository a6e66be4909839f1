import assert from "node:assert/strict";

import { planDown } from "../../../site/down/planDown";
import type { DeployedResource, LiveState, Step } from "../../../drift/types";
import type { RestorePointFile } from "../../../planning/site";
import {
  configMapPatch,
  takenAt,
  deployedOf,
  desiredOf,
  liveObject,
  liveOf,
  vm,
  member,
  point,
  pointMember,
  recorded,
  snapshotClass,
  snapshotOf,
  storageClass,
} from "../../drift/fixtures";

const classes = [storageClass(), snapshotClass()];
const taken = member("a-1");
const ready = point({ state: "ready", takenAt, members: [pointMember("a-1", "snapshot-7")] });
const everything = liveOf({
  objects: [...classes, configMapPatch()].map((declared) => liveObject(declared)),
  vms: [vm("a-1", [snapshotOf(taken, "snapshot-7")])],
});

interface Given {
  readonly declared?: Parameters<typeof desiredOf>[0];
  readonly record: readonly DeployedResource[];
  readonly live?: LiveState;
  readonly points?: readonly RestorePointFile[];
}

function plan({ declared = [], record, live = everything, points = [ready] }: Given): Step[] {
  return planDown({ desired: desiredOf(declared), deployed: deployedOf(record), live, points });
}

function said(steps: readonly Step[]): string[][] {
  return steps.map(({ kind, object, reason }) => [kind, object, reason]);
}

describe("what `down` would do", () => {
  it("deletes the classes, which no data is lost with, and keeps the VM snapshots", () => {
    const record = [...classes.map((one) => recorded(one)), recorded(taken, "snapshot-7")];
    assert.deepEqual(said(plan({ declared: [...classes, taken], record })), [
      [
        "forget",
        "VM snapshot atom.lab.pre-24.1 of a-1",
        "It was cut for restore point pre-24.1 and stays in vCenter (snapshot-7).",
      ],
      [
        "delete",
        "VolumeSnapshotClass atom-snapshots",
        "Its declaration ends: no snapshot can be cut with it; snapshots that exist are not touched.",
      ],
      [
        "delete",
        "StorageClass atom-replicated",
        "Its declaration ends: claims that ask for it stay pending; volumes that exist are not touched.",
      ],
    ]);
  });

  it("keeps a VM snapshot whatever its point's file says, and although the file is gone", () => {
    const record = [recorded(taken, "snapshot-7")];
    const lost = pointMember("a-1", "snapshot-7", { lost: takenAt });
    for (const points of [
      [],
      [point()],
      [point({ state: "expiring", takenAt, members: ready.members })],
      [point({ state: "ready", takenAt, members: [lost] })],
    ]) {
      const steps = plan({ record, points });
      assert.deepEqual(
        steps.map(({ kind, command }) => [kind, command]),
        [["forget", undefined]],
      );
    }
  });

  it("needs no answer of vCenter to let go of VM snapshots", () => {
    const live: LiveState = { ...everything, vcenter: { state: "unknown", why: "silent" } };
    const steps = plan({ record: [recorded(taken, "snapshot-7")], live });
    assert.deepEqual(
      steps.map(({ kind }) => kind),
      ["forget"],
    );
  });

  it("keeps what is protected and what data hangs on", () => {
    const pool = storageClass({}, { protect: true, retainOnDelete: true });
    assert.deepEqual(said(plan({ declared: [pool], record: [recorded(pool)] })), [
      [
        "forget",
        "StorageClass atom-replicated",
        "It is protected, because data is lost with it: it stays.",
      ],
    ]);
  });

  it("leaves fields of others' objects as they are set: volumes that stay rely on them", () => {
    const patch = configMapPatch();
    assert.deepEqual(said(plan({ declared: [patch], record: [recorded(patch)] })), [
      [
        "forget",
        "fields of ConfigMap default/settings",
        "The fields stay as they are set: volumes that stay rely on them.",
      ],
    ]);
  });

  it("never deletes what no longer carries our mark", () => {
    const live = liveOf({ objects: [liveObject(classes[0]!, { metadata: { labels: {} } })] });
    const steps = plan({ record: [recorded(classes[0]!)], live });
    assert.deepEqual(
      steps.map(({ kind, reason }) => [kind, reason]),
      [
        [
          "forget",
          "It is not declared any more and no longer carries our mark: it is somebody else's now.",
        ],
      ],
    );
  });

  it("says nothing is left after it was done, so that it can be repeated", () => {
    const live = liveOf({ vms: [vm("a-1", [snapshotOf(taken, "snapshot-7")])] });
    assert.deepEqual(plan({ declared: [...classes, taken], record: [], live }), []);
  });

  it("refuses to pass over objects of ours that the record lacks", () => {
    const steps = plan({ declared: classes, record: [recorded(classes[1]!)] });
    assert.deepEqual(
      steps.map(({ kind, object, reason, command }) => [kind, object, reason, command]),
      [
        [
          "refuse",
          "StorageClass atom-replicated",
          "It carries our mark and is missing in the record, so that it would stay unnoticed: adopt it first.",
          "./atom adopt",
        ],
        [
          "delete",
          "VolumeSnapshotClass atom-snapshots",
          "Its declaration ends: no snapshot can be cut with it; snapshots that exist are not touched.",
          undefined,
        ],
      ],
    );
  });

  it("passes over objects of others under our names", () => {
    const live = liveOf({ objects: [liveObject(classes[0]!, { metadata: { labels: {} } })] });
    assert.deepEqual(plan({ declared: classes, record: [], live }), []);
  });

  it("cannot tell where the cluster does not answer", () => {
    const live: LiveState = { ...everything, cluster: { state: "unknown", why: "silent" } };
    assert.deepEqual(said(plan({ record: [recorded(classes[0]!)], live })), [
      ["unknown", "StorageClass atom-replicated", "silent"],
    ]);
  });
});
