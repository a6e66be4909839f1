import { equal, ok } from "node:assert/strict";

import { killAndVerify } from "./support/killVerify";
import { sharedPointLab, type PointLab } from "./support/pointLab";

/** More moments than a run has: one that reaches its end proves that all were tried. */
const LIMIT = 400;

describe("restore-point verify that is killed at every moment", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    // Such a point holds a snapshot of etcd as well.
    const run = await lab.create("looked-at", { consistency: "stopped" });
    equal(run.status, 0, run.stderr);
  });

  after(() => lab.remove("looked-at"));

  async function killed(step: number, only?: string): Promise<void> {
    let tried = 0;
    while (tried < LIMIT && (await killAndVerify(lab, "looked-at", 1 + tried * step, only))) {
      tried += 1;
    }
    ok(tried > 1 && tried < LIMIT, `${tried} moments`);
    console.log(`        killed at ${tried} moments`);
  }

  it("leaves nothing of one volume", () => killed(1, "atom/data-orchestrator-0"));

  // Members are looked at side by side, so that a moment is another one in each run: a part of them tells as much.
  it("leaves nothing of a whole point with etcd, at every fifth moment", () => killed(5));
});
