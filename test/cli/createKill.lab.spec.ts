import { equal } from "node:assert/strict";

import { killAndGoOn } from "./support/killCreate";
import { onPointLab, type Taking, type PointLab } from "./support/pointLab";

// A fixed sample of moments; every moment is in createKill.faults.spec.ts.
const sample: readonly (readonly [number, Taking])[] = [
  [34, { consistency: "stopped" }],
  [20, { consistency: "frozen" }],
];

describe("restore-point create that is killed", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  for (const [moment, how] of sample) {
    it(`goes on after moment ${moment}, of consistency ${how.consistency}`, async () => {
      equal(await killAndGoOn(lab, how, moment), true);
    });
  }
});
