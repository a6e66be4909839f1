import { ok } from "node:assert/strict";

import { killAndRoll, sharedRollbackCase, type RollbackCase } from "./support/killRollback";
import type { PointLab } from "./support/pointLab";

/** More moments than a run has: one that reaches its end proves that all were tried. */
const LIMIT = 600;

describe("rollback that is killed at every moment", () => {
  let lab: PointLab;
  let one: RollbackCase;

  sharedRollbackCase("rolled", (shared, rolled) => {
    lab = shared;
    one = rolled;
  });

  for (const [way, title] of [
    ["on", "goes on to the point, and back again"],
    ["back", "goes back to before"],
    ["undo", "goes on with the undo"],
  ] as const) {
    it(title, async () => {
      let tried = 0;
      while (tried < LIMIT && (await killAndRoll(lab, one, tried + 1, way))) {
        tried += 1;
      }
      ok(tried > 0 && tried < LIMIT, `${tried} moments`);
      console.log(`        killed at ${tried} moments`);
    });
  }
});
