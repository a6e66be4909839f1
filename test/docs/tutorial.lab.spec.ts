// Runs what the tutorial says, and expects what it shows: the part in which a restore point is taken and proven. The other
// parts are run by the tests of their commands.
import assert from "node:assert/strict";
import { Checkout } from "../cli/support/checkout";
import { assertShows, blocksOf, pageOf, runBlock, type Block } from "./support/page";

const page = pageOf("tutorial/first-run.md");

describe("the tutorial", () => {
  let checkout: Checkout;

  before(() => {
    checkout = Checkout.create();
  });

  after(async () => {
    const run = await checkout.atom(["lab", "down"]);
    checkout.remove();
    assert.equal(run.status, 0, run.stderr);
  });

  const run = async ({ commands, shows }: Block): Promise<void> => {
    assertShows((await runBlock(checkout.root, commands)).output, shows);
  };

  it("brings the lab up", async () => {
    const [first] = blocksOf(page, "1. Bring it up");
    assert.ok(first !== undefined);
    await run(first);
  });

  for (const [index, block] of blocksOf(page, "5. Keep the product as it is").entries()) {
    it(`keeps the product, step ${index + 1}: ${block.commands.trim().split("\n").at(-1) ?? ""}`, async () => {
      assert.notEqual(block.shows, "");
      await run(block);
    });
  }
});
