import { deepStrictEqual } from "node:assert/strict";
import { readBackLines } from "../../cli/print/readBack";
import type { MemberReadBack, PointReadBack } from "../../site/readback/points";

const member: MemberReadBack = {
  node: "a-1",
  vm: "a-1",
  snapshot: "atom.lab.pre-24.1",
  reference: "snapshot-93",
  createdAt: "2026-11-20T10:00:00Z",
};

function pointLines(change: Partial<PointReadBack>, held: readonly string[] = []): string[] {
  const point: PointReadBack = {
    name: "pre-24.1",
    release: "24.1",
    state: "ready",
    takenAt: "2026-11-20T10:00:00Z",
    expires: "2026-12-01T00:00:00Z",
    members: [member],
    volumes: { recorded: 0, there: [] },
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
  it("is its state, when it was cut, and which snapshots are there", () => {
    deepStrictEqual(pointLines({}), [
      "restore point pre-24.1 for release 24.1: ready, cut 2026-11-20T10:00:00Z; 1 VM snapshots are there (a-1)",
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

  it("is how many of the recorded volumes are there, and what was not read", () => {
    const start = "restore point pre-24.1 for release 24.1: ready, cut 2026-11-20T10:00:00Z; ";
    deepStrictEqual(pointLines({ volumes: { recorded: 8, there: ["atom/data-0"] } }), [
      `${start}1 VM snapshots are there (a-1); 1 of 8 volume snapshots are there`,
    ]);
    deepStrictEqual(
      pointLines({ members: undefined, volumes: { recorded: 8, there: undefined } }),
      [`${start}VM snapshots were not read; 8 volume snapshots are recorded and were not read`],
    );
  });

  it("calls a point LOST that lacks a member, though its file says ready", () => {
    deepStrictEqual(pointLines({ lost: ["b-1", "c-1"] }), [
      "restore point pre-24.1 for release 24.1: LOST on b-1, c-1, cut 2026-11-20T10:00:00Z; 1 VM snapshots are there (a-1)",
    ]);
  });
});
