import { deepStrictEqual, equal } from "node:assert/strict";

import type { LabSystems } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";
import { deployAndKill } from "./deployAndKill";
import { killedObjects, recover } from "./kills";

// A fixed sample of moments; every moment is in kill.faults.spec.ts.
describe("a deployment that is killed", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(() => lab.clear(killedObjects));

  // Four moments a step: planned, begun, done, recorded. Steps: class, snapshot class, two snapshots.
  for (const [moment, where] of [
    [3, "after the class was made, before that was recorded"],
    [10, "before the first snapshot was cut"],
    [11, "after the first snapshot was cut, before that was recorded"],
    [16, "after the last record, before it was folded"],
  ] as const) {
    it(`goes on ${where}`, async () => {
      equal(await deployAndKill(lab.root, "first", moment), "killed");
      await recover(lab, "first");
    });
  }

  it("goes on while the class is being replaced", async () => {
    equal(await deployAndKill(lab.root, "first", 0), "done");
    equal(await deployAndKill(lab.root, "second", 3), "killed");
    deepStrictEqual(lab.store().load().pending?.[0]?.kind, "replace");
    await recover(lab, "second");
  });
});
