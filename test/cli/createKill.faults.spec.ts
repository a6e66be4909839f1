import { ok } from "node:assert/strict";

import { killAndGoOn } from "./support/killCreate";
import { sharedPointLab, type Taking, type PointLab } from "./support/pointLab";

/** More moments than a run has: one that reaches its end proves that all were tried. */
const LIMIT = 400;

const ways: readonly Taking[] = [
  { consistency: "crash", virtualMachines: "atom-a-1" },
  { consistency: "frozen", virtualMachines: "atom-a-1" },
  // The VMs of a stopped point have to be off.
  { consistency: "stopped" },
];

describe("restore-point create that is killed at every moment", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
  });

  it("goes on where it was giving up", async function () {
    lab.group("never");
    const refuse = { code: "InvalidArgument", message: "no pool" };
    const claim = "atom/data-telemetry-1";
    const faults = [{ method: "CreateSnapshot", claim, action: { refuse } }];
    let tried = 0;
    while (
      tried < LIMIT &&
      (await killAndGoOn(lab, { consistency: "stopped" }, tried + 1, faults))
    ) {
      tried += 1;
    }
    ok(tried > 0 && tried < LIMIT, `${tried} moments`);
    console.log(`        killed at ${tried} moments`);
  });

  for (const group of ["auto", "never"] as const) {
    describe(group === "auto" ? "with groups" : "without groups", () => {
      before(() => lab.group(group));

      for (const how of ways) {
        it(`goes on, of consistency ${how.consistency}`, async function () {
          let tried = 0;
          while (tried < LIMIT && (await killAndGoOn(lab, how, tried + 1))) {
            tried += 1;
          }
          ok(tried > 0 && tried < LIMIT, `${tried} moments`);
          console.log(`        killed at ${tried} moments`);
        });
      }
    });
  }
});
