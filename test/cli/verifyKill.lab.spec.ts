import { equal } from "node:assert/strict";

import { killAndVerify } from "./support/killVerify";
import { onPointLab, type PointLab } from "./support/pointLab";

// A moment in the middle, as a sample; every moment is in verifyKill.faults.spec.ts.
const MOMENT = 14;

describe("restore-point verify that is killed", () => {
  let lab: PointLab;

  onPointLab({ points: ["looked-at"] }, (shared) => (lab = shared));

  it(`goes on after moment ${MOMENT}, and leaves nothing`, async () => {
    equal(await killAndVerify(lab, "looked-at", MOMENT, "atom/data-orchestrator-0"), true);
  });
});
