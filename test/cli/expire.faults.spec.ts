import { equal } from "node:assert/strict";

import { Checkout } from "./support/checkout";
import { taken, expireAndKill, requireRemoved } from "./support/expiry";

/** More moments than a removal has: a run that reaches its end proves that all were tried. */
const LIMIT = 100;

describe("a removal that is killed at every moment", () => {
  let checkout: Checkout;

  before(async () => {
    checkout = Checkout.create();
    const run = await checkout.atom(["up"]);
    equal(run.status, 0, run.stderr);
  });

  after(async () => {
    const run = await checkout.atom(["lab", "down"]);
    checkout.remove();
    equal(run.status, 0, run.stderr);
  });

  it("goes on from there, and leaves nothing", async () => {
    await taken(checkout, "kept", "none");
    // Proven, it is the one that stays, so that younger ones may be named.
    const proof = await checkout.atom(["restore-point", "verify", "kept"]);
    equal(proof.status, 0, proof.stderr);
    let tried = 0;
    for (let moment = 1; moment < LIMIT; moment += 1) {
      const name = `p${moment}`;
      await taken(checkout, name, "atom-a-1");
      const killed = await expireAndKill(checkout, name, moment);
      if (killed.status === null) {
        tried = moment;
        const run = await expireAndKill(checkout, name, 0);
        equal(run.status, 0, run.stderr);
      }
      await requireRemoved(checkout, name, "kept");
      if (killed.status !== null) {
        equal(killed.status, 0, killed.stderr);
        break;
      }
    }
    console.log(`      ${tried} moments`);
    equal(tried > 20 && tried < LIMIT - 1, true);
  });
});
