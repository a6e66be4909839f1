import { equal } from "node:assert/strict";

import { killAndRoll, sharedRollbackCase, type RollbackCase } from "./support/killRollback";
import type { PointLab } from "./support/pointLab";

// A fixed sample of moments; every moment is in rollbackKill.faults.spec.ts. The runbooks undo one that was killed.
const sample = [
  [90, "back"],
  [70, "on", "kube-apiserver"],
] as const;

describe("rollback that is killed", () => {
  let lab: PointLab;
  let one: RollbackCase;

  sharedRollbackCase("rolled", (shared, rolled) => {
    lab = shared;
    one = rolled;
  });

  for (const [moment, way, victim = "command"] of sample) {
    it(`goes ${way} after moment ${moment} of the ${victim}`, async () => {
      equal(await killAndRoll(lab, one, moment, way, victim), true);
    });
  }
});
