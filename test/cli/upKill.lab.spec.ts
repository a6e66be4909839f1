import { equal } from "node:assert/strict";

import { KillLab, type Kill } from "./support/killUp";

// A fixed sample; every moment is in upKill.faults.spec.ts.
const sample: readonly (readonly [string, Kill])[] = [
  ["./atom, before the confirmed deployment begins", { atom: 8 }],
  ["pulumi, in the middle of a deployment, with its lock", { pulumi: "up", lines: 12 }],
];

describe("up that is killed", () => {
  let lab: KillLab;

  before(async () => {
    lab = await KillLab.up();
  });

  after(() => lab.down());

  for (const [what, kill] of sample) {
    it(`goes on after the death of ${what}`, async () => {
      equal(await lab.killAndGoOn(kill), true);
    });
  }
});
