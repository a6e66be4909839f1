import assert from "node:assert/strict";

import { planDown } from "../../../site/down/planDown";
import type { LiveState } from "../../../drift/types";
import type { StackResource } from "../../../engine/stackState";
import type { Action } from "../../../site/action";
import type { PointFile } from "../../../planning/site";
import {
  configMapPatch,
  takenAt,
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
  stateOf,
  storageClass,
} from "../../drift/fixtures";
import { assertTold } from "../../support/told";

const classes = [storageClass(), snapshotClass()];
const taken = member("a-1");
const ready = point({ state: "ready", vms: [pointMember("a-1", "snapshot-7")] });
const everything = liveOf({
  objects: [...classes, configMapPatch()].map((declared) => liveObject(declared)),
  vms: [vm("a-1", [snapshotOf(taken, "snapshot-7")])],
});

interface Given {
  readonly declared?: Parameters<typeof desiredOf>[0];
  readonly record: readonly StackResource[];
  readonly live?: LiveState;
  readonly points?: readonly PointFile[];
}

function plan({ declared = [], record, live = everything, points = [ready] }: Given): Action[] {
  return planDown({ desired: desiredOf(declared), state: stateOf(record), live, points });
}

/** Compares kind and object of each action, and parts of its reason and command. */
function expectSaid(actions: readonly Action[], expected: readonly string[]): void {
  assertTold(
    actions.map(({ kind, object, reason, command }) =>
      [`${kind} ${object}:`, reason, command ?? ""].join(" "),
    ),
    expected,
  );
}

describe("what `down` would do", () => {
  it("deletes the classes, which no data is lost with, and keeps the VM snapshots", () => {
    const record = [...classes.map((one) => recorded(one)), recorded(taken, "snapshot-7")];
    expectSaid(plan({ declared: [...classes, taken], record }), [
      "removeFromState VM snapshot atom.lab.pre-24.1 of a-1: … pre-24.1 … (snapshot-7)",
      "delete StorageClass atom-replicated: Its declaration ends: … stay pending",
      "delete VolumeSnapshotClass atom-snapshots: Its declaration ends: … exist are not touched",
    ]);
  });

  it("keeps a VM snapshot whatever its point's file says, and although the file is gone", () => {
    const record = [recorded(taken, "snapshot-7")];
    const lost = pointMember("a-1", "snapshot-7", { lost: takenAt });
    for (const points of [
      [],
      [point()],
      [point({ state: "expiring", vms: ready.vms })],
      [point({ state: "ready", vms: [lost] })],
    ]) {
      const actions = plan({ record, points });
      assert.deepEqual(
        actions.map(({ kind, command }) => [kind, command]),
        [["removeFromState", undefined]],
      );
    }
  });

  it("needs no answer of vCenter to let go of VM snapshots", () => {
    const live: LiveState = { ...everything, vcenter: { state: "unknown", why: "silent" } };
    const actions = plan({ record: [recorded(taken, "snapshot-7")], live });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ["removeFromState"],
    );
  });

  it("keeps what is protected and what data hangs on", () => {
    const pool = storageClass({}, { protect: true, retainOnDelete: true });
    expectSaid(plan({ declared: [pool], record: [recorded(pool)] }), [
      "removeFromState StorageClass atom-replicated: It is protected",
    ]);
  });

  it("leaves fields of others' objects as they are set: volumes that stay rely on them", () => {
    const patch = configMapPatch();
    expectSaid(plan({ declared: [patch], record: [recorded(patch)] }), [
      "removeFromState fields of ConfigMap default/settings: The fields stay as they are set",
    ]);
  });

  it("never deletes what no longer carries our mark", () => {
    const live = liveOf({ objects: [liveObject(classes[0]!, { metadata: { labels: {} } })] });
    expectSaid(plan({ record: [recorded(classes[0]!)], live }), [
      "removeFromState StorageClass atom-replicated: It does not carry our mark",
    ]);
  });

  it("says nothing is left after it was done, so that it can be repeated", () => {
    const live = liveOf({ vms: [vm("a-1", [snapshotOf(taken, "snapshot-7")])] });
    assert.deepEqual(plan({ declared: [...classes, taken], record: [], live }), []);
  });

  it("refuses to pass over objects of ours that the state lacks", () => {
    expectSaid(plan({ declared: classes, record: [recorded(classes[1]!)] }), [
      "blocked StorageClass atom-replicated: … is missing in the state … ./atom adopt",
      "delete VolumeSnapshotClass atom-snapshots: Its declaration ends",
    ]);
  });

  it("passes over objects of others under our names", () => {
    const live = liveOf({ objects: [liveObject(classes[0]!, { metadata: { labels: {} } })] });
    assert.deepEqual(plan({ declared: classes, record: [], live }), []);
  });

  it("cannot tell where the cluster does not answer", () => {
    const live: LiveState = { ...everything, cluster: { state: "unknown", why: "silent" } };
    expectSaid(plan({ record: [recorded(classes[0]!)], live }), [
      "unknown StorageClass atom-replicated: silent",
    ]);
  });
});
