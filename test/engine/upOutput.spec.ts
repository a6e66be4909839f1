import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { errorsIn, parseUpLine } from "../../engine/upOutput";
import { failedUp } from "./observed";

describe("the text of pulumi up", () => {
  it("tells which resource is at what, and when an operation has ended", () => {
    const said = failedUp.split("\n").flatMap((line) => parseUpLine(line) ?? []);
    deepStrictEqual(
      said.map(({ name, status, ended }) => `${name} ${status}${ended ? "." : ""}`),
      [
        "storage refreshing",
        "atom-replicated refresh.",
        "pre-24.1-vm-atom-a-1 creating",
        "pre-24.1-vm-atom-a-1 created.",
        "atom-replicated deleting original",
        "atom-replicated deleting original",
      ],
    );
  });

  it("says nothing of lines about no resource", () => {
    strictEqual(parseUpLine("Resources:"), undefined);
    strictEqual(parseUpLine("    warning: using pulumi-resource-vsphere from $PATH"), undefined);
  });

  it("holds the errors, each with the lines that belong to it", () => {
    deepStrictEqual(errorsIn(failedUp), [
      "error: update failed",
      "atom-replicated: error: deletion failed: context canceled",
    ]);
  });
});
