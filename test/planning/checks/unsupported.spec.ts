import assert from "node:assert/strict";
import { refusals } from "../support/refusals";
import { siteOf } from "../support/sites";

describe("what this version does not do", () => {
  it("is refused where a snapshot controller is asked for", () => {
    const { snapshots } = siteOf();
    assert.deepEqual(refusals(siteOf({ snapshots: { ...snapshots, installController: true } })), [
      "snapshots.installController = true: this version does not install the snapshot CRDs and the snapshot controller. " +
        "Allowed: false; install both with the cluster, the preflight checks for them.",
    ]);
  });
});
