import { equal } from "node:assert/strict";

import { killAndRoll, rollbackCase, type RollbackCase } from "./support/killRollback";
import { sharedPointLab, type PointLab } from "./support/pointLab";
import { resetProduct } from "./support/rolledState";

// A fixed sample of moments; every moment is in rollbackKill.faults.spec.ts.
const sample = [
  [40, "on"],
  [90, "back"],
  [60, "undo"],
] as const;

describe("rollback that is killed", () => {
  let lab: PointLab;
  let one: RollbackCase;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    lab.narrow("inventory");
    one = await rollbackCase(lab, "rolled");
  });

  after(async () => {
    lab.narrow("all");
    await lab.remove("rolled");
    await resetProduct(lab);
  });

  for (const [moment, way] of sample) {
    it(`goes ${way} after moment ${moment}`, async () => {
      equal(await killAndRoll(lab, one, moment, way), true);
    });
  }
});
