import assert from "node:assert/strict";
import { interruptedLines, interruptedPoints } from "../../cli/deployment/interrupted";
import type { RestorePointFile } from "../../planning/site";
import { pointFile, siteOf } from "../planning/support/sites";

const volumes = [
  { namespace: "atom", claim: "data-0", uid: "7c1f0000-0000-4000-8000-000000000001" },
];

describe("a cut that was interrupted", () => {
  const table: readonly [string, Partial<RestorePointFile>, boolean][] = [
    ["of volumes, being cut", { state: "cutting", volumes }, true],
    ["frozen, being cut", { state: "cutting", consistency: "frozen" }, true],
    ["of VMs alone, which up cuts", { state: "cutting" }, false],
    ["planned", { state: "planned", volumes }, false],
    ["failed, which was cleared", { state: "failed", volumes }, false],
    ["cut", { state: "ready", cutAt: "2026-11-25T10:00:00Z", volumes }, false],
  ];
  for (const [title, changes, interrupted] of table) {
    it(`is ${interrupted ? "seen" : "none"} in a point ${title}`, () => {
      assert.equal(interruptedPoints([pointFile(changes)]).length, interrupted ? 1 : 0);
    });
  }

  it("names the command that goes on with it", () => {
    const restorePoints = [pointFile({ name: "pre-24-2", state: "cutting", volumes })];
    const stack = { name: "oslo", isLab: false, site: siteOf({ restorePoints }) };
    assert.deepEqual(interruptedLines(stack), [
      "Restore point pre-24-2 is being cut, or its cut was interrupted: " +
        "./atom restore-point create pre-24-2 --stack oslo goes on with it, or clears it away.",
    ]);
  });
});
