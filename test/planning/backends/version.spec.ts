import assert from "node:assert/strict";
import { isAtLeast, isVersion } from "../../../planning/backends/version";

describe("versions", () => {
  const order: readonly (readonly [string | undefined, string, boolean])[] = [
    ["1.33.1", "1.34", false],
    ["1.34.0", "1.34", true],
    ["1.34.0-rc.1", "1.34", true],
    ["v1.9", "1.10", false],
    ["2.0", "1.34", true],
    ["1.29.1", "1.29.2", false],
    [undefined, "99.0", true],
  ];
  for (const [installed, wanted, expected] of order) {
    it(`${installed ?? "the newest known"} ${expected ? "is" : "is not"} at least ${wanted}`, () => {
      assert.equal(isAtLeast(installed, wanted), expected);
    });
  }

  it("are told from other texts", () => {
    assert.deepEqual(["1.33.1", "v1.12", "1.34.0-rc.1"].map(isVersion), [true, true, true]);
    assert.deepEqual(["newest", "1", "1.x", "1.2.3 ", ""].map(isVersion), Array(5).fill(false));
  });
});
