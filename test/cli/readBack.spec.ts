import { deepStrictEqual } from "node:assert/strict";
import { readBackLines } from "../../cli/print/readBack";
import type { PointReadBack } from "../../site/readback/points";

function pointLines(change: Partial<PointReadBack>, held: readonly string[] = []): string[] {
  const point: PointReadBack = {
    name: "pre-24.1",
    release: "24.1",
    state: "ready",
    takenAt: "2026-11-20T10:00:00Z",
    members: ["a-1"],
    lost: [],
    ...change,
  };
  return readBackLines({
    classes: [],
    snapshotClasses: [],
    points: [point],
    formerVolumes: [],
    replicas: { state: "observed", volumes: [] },
    heldVolumes: { state: "read", lines: held },
    unknown: [],
  });
}

describe("what is read back of a restore point", () => {
  it("is its state, when it was taken, and which snapshots are there", () => {
    deepStrictEqual(pointLines({}), [
      "restore point pre-24.1 for release 24.1: ready, taken at 2026-11-20T10:00:00Z; 1 VM snapshots are there (a-1)",
    ]);
    deepStrictEqual(pointLines({ state: "planned", takenAt: undefined, members: [] }), [
      "restore point pre-24.1 for release 24.1: planned; no VM snapshot is there",
    ]);
  });

  it("is followed by what its VM snapshots hold fast", () => {
    deepStrictEqual(pointLines({}, ["volumes of node a-1 cannot be detached"]).slice(1), [
      "volumes of node a-1 cannot be detached",
    ]);
  });

  it("says so where its VM snapshots were not read", () => {
    deepStrictEqual(pointLines({ members: undefined }), [
      "restore point pre-24.1 for release 24.1: ready, taken at 2026-11-20T10:00:00Z; VM snapshots were not read",
    ]);
  });

  it("calls a point LOST that lacks a member, though its file says ready", () => {
    deepStrictEqual(pointLines({ lost: ["b-1", "c-1"] }), [
      "restore point pre-24.1 for release 24.1: LOST on b-1, c-1, taken at 2026-11-20T10:00:00Z; 1 VM snapshots are there (a-1)",
    ]);
  });
});
