import { equal } from "node:assert/strict";

import { atEveryMoment } from "./support/everyMoment";
import { KillLab } from "./support/killUp";

describe("up that is killed at every moment", () => {
  let lab: KillLab;

  before(async () => {
    lab = await KillLab.up();
  });

  after(() => lab.down());

  it("goes on after the death of ./atom", () => atEveryMoment((atom) => lab.killAndGoOn({ atom })));

  it("goes on after the death of pulumi at every line of a deployment", () =>
    atEveryMoment((lines) => lab.killAndGoOn({ pulumi: "up", lines }), { first: 0 }));

  for (const pulumi of ["stack", "preview"] as const) {
    it(`goes on after the death of pulumi ${pulumi}`, async () => {
      equal(await lab.killAndGoOn({ pulumi, lines: 0 }), true);
    });
  }
});
