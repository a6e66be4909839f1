// Runs what the tutorial says, and expects what it shows: the part in which a restore point is taken and proven. The other
// parts are run by the tests of their commands.
import { notEqual } from "node:assert/strict";

import { sharedDeployedLab, type DeployedLab } from "../cli/support/deployedLab";
import { assertShows, blocksOf, pageOf, runBlock } from "./support/page";

const page = pageOf("tutorial/first-run.md");

// The last by name of those that share the lab, with which goes what it leaves: points, the product and its storage.
describe("the tutorial", () => {
  let lab: DeployedLab;

  before(async () => {
    lab = await sharedDeployedLab();
  });

  it("brings the lab up", () => {
    const [first] = blocksOf(page, "1. Bring it up");
    assertShows(lab.first.stdout, first?.shows ?? "nothing");
  });

  for (const [index, block] of blocksOf(page, "5. Keep the product as it is").entries()) {
    it(`keeps the product, step ${index + 1}: ${block.commands.trim().split("\n").at(-1) ?? ""}`, async () => {
      notEqual(block.shows, "");
      const { output } = await runBlock(lab.checkout.root, block.commands);
      // One of the first point is lost by a test before.
      assertShows(output, block.shows.replace(/^\d+ as declared$/m, "… as declared"));
    });
  }
});
