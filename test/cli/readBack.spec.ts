import { deepStrictEqual, equal } from "node:assert/strict";
import { readBackLines } from "../../cli/print/readBack";
import { findDrift } from "../../drift/findings";
import { planSite } from "../../planning";
import type { PointFile } from "../../planning/site";
import { recordOf } from "../../restorepoint/knownPoints";
import { isUnread, type Seen } from "../../site/observe";
import * as drift from "../drift/fixtures";
import { siteOf } from "../support/sites";

const declared = drift.member("a-1");
const taken = drift.pointMember("a-1", "snapshot-1");

/** A stack with a class and a VM snapshot that are there as declared, and a class that is missing. */
function seen(change: Partial<Seen> = {}, file: Partial<PointFile> = {}): Seen {
  const site = siteOf();
  const points = [drift.point({ state: "ready", vms: [taken], ...file })];
  const there = drift.storageClass();
  const desired = drift.desiredOf([there, drift.snapshotClass(), declared]);
  const state = drift.stateOf([drift.recorded(there), drift.recorded(declared, "snapshot-1")]);
  const live = drift.liveOf({
    objects: [drift.liveObject(there)],
    vms: [drift.vm("a-1", [drift.snapshotOf(declared, "snapshot-1")])],
  });
  return {
    plan: planSite(site),
    reading: { desired, state, live, findings: findDrift({ desired, state, live, points }) },
    known: {
      points: points.map((point) => recordOf(site, point)),
      images: [],
      claimsProof: new Set(),
      unknown: [],
      notes: new Map(),
    },
    snapshots: { cluster: { state: "notNeeded" }, vcenter: { state: "notNeeded" } },
    findings: [],
    replicas: { state: "observed", volumes: [] },
    heldVolumes: { state: "read", lines: [] },
    formerVolumes: { state: "read", value: [] },
    ...change,
  };
}

describe("what is read back after a deployment", () => {
  it("is every object as it is, the copies, and the points with the snapshots that are there", () => {
    const lines = readBackLines(seen());
    deepStrictEqual(lines.slice(0, 2), [
      "StorageClass atom-replicated: as declared",
      "VolumeSnapshotClass atom-snapshots: missing",
    ]);
    deepStrictEqual(lines.slice(3), [
      "restore point pre-24.1 for release 24.1: ready, taken at 2026-11-20T10:00:00Z; 1 VM snapshots are there (a-1)",
    ]);
    equal(isUnread(seen()), false);
  });

  it("is followed by what VM snapshots hold fast", () => {
    const heldVolumes = {
      state: "read",
      lines: ["volumes of node a-1 cannot be detached"],
    } as const;
    deepStrictEqual(readBackLines(seen({ heldVolumes })).slice(4), [
      "  now: volumes of node a-1 cannot be detached",
    ]);
  });

  it("says so where VM snapshots were not read, and that something is unknown", () => {
    const { reading } = seen();
    const live = { ...reading.live, vcenter: { state: "unknown", why: "It is silent." } } as const;
    const [line] = readBackLines(seen({ reading: { ...reading, live } })).slice(-1);
    equal(line?.split("; ")[1], "VM snapshots were not read");
    const silent = { state: "unknown", why: "It is silent." } as const;
    equal(isUnread(seen({ heldVolumes: silent })), true);
    equal(isUnread(seen({ replicas: silent })), true);
    equal(isUnread(seen({ formerVolumes: silent })), true);
  });

  it("calls a point LOST that lacks a member, though its file says ready", () => {
    const vms = [{ ...taken, lost: "2026-11-23T13:00:00Z" }];
    const [line] = readBackLines(seen({}, { vms })).slice(-1);
    equal(
      line,
      "restore point pre-24.1 for release 24.1: LOST on a-1, taken at 2026-11-20T10:00:00Z; no VM snapshot is there",
    );
  });
});
