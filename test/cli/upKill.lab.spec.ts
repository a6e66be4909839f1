import { equal } from "node:assert/strict";

import { KillLab } from "./support/killUp";

describe("up that is killed", () => {
  let lab: KillLab;

  before(async () => {
    lab = await KillLab.up();
  });

  after(() => lab.down());

  // Every moment is in upKill.faults.spec.ts.
  it("goes on after the death of pulumi in the middle of a deployment, with its lock", async () => {
    equal(await lab.killAndGoOn({ pulumi: "up", lines: 12 }), true);
  });
});
