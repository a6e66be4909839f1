import assert from "node:assert/strict";
import type { RestorePointFile } from "../../../planning/site";
import { refusals } from "../support/refusals";
import { MACHINES, pointFile, siteOf } from "../support/sites";

const FILE = "stacks/restore-points/north/pre-24.1.yaml";
const volume = { namespace: "atom", claim: "data-0", uid: "7c1f" };

function refusalsOf(point: Partial<RestorePointFile>): readonly string[] {
  return refusals(siteOf({ virtualMachines: MACHINES, restorePoints: [pointFile(point)] }));
}

describe("what this version does not do", () => {
  it("is refused where a snapshot controller is asked for", () => {
    const { snapshots } = siteOf();
    assert.deepEqual(refusals(siteOf({ snapshots: { ...snapshots, installController: true } })), [
      "snapshots.installController = true: this version does not install the snapshot CRDs and the snapshot controller. " +
        "Allowed: false; install both with the cluster, the preflight checks for them.",
    ]);
  });

  for (const state of ["planned", "cutting"] as const) {
    it(`is refused where a ${state} point lists volumes, which nothing would cut`, () => {
      assert.deepEqual(refusalsOf({ state, volumes: [volume] }), [
        `${FILE}: volumes = 1 volume: this version cuts snapshots of node VMs, not of data volumes. ` +
          "Allowed: an empty list.",
      ]);
    });

    it(`is refused where a ${state} point is to be frozen`, () => {
      assert.deepEqual(refusalsOf({ state, consistency: "frozen" }), [
        `${FILE}: consistency = "frozen": nothing freezes the product in this version. ` +
          "Allowed: crash, or stopped with the VMs powered off.",
      ]);
    });
  }

  it("is no reason to refuse a point that was cut by a later version", () => {
    assert.deepEqual(
      refusalsOf({
        state: "ready",
        cutAt: "2026-01-01T00:00:00Z",
        volumes: [volume],
        consistency: "frozen",
      }),
      [],
    );
  });
});
