import { equal } from "node:assert/strict";

import { killAndVerify } from "./support/killVerify";
import { sharedPointLab, type PointLab } from "./support/pointLab";

// A moment in the middle, as a sample; every moment is in verifyKill.faults.spec.ts.
const MOMENT = 14;

describe("restore-point verify that is killed", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    const run = await lab.create("looked-at", { consistency: "crash" });
    equal(run.status, 0, run.stderr);
  });

  after(() => lab.remove("looked-at"));

  it(`goes on after moment ${MOMENT}, and leaves nothing`, async () => {
    equal(await killAndVerify(lab, "looked-at", MOMENT, "atom/data-orchestrator-0"), true);
  });
});
