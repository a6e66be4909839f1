import assert from "node:assert/strict";
import { parseQuantity } from "../../restorepoint/quantity";

describe("a quantity of storage", () => {
  const table: readonly [string, number][] = [
    ["0", 0],
    ["1024", 1024],
    ["1Ki", 1024],
    ["1536Mi", 1_610_612_736],
    ["1.5Gi", 1_610_612_736],
    ["2G", 2_000_000_000],
    ["1e9", 1_000_000_000],
    ["1E", 1e18],
    ["100m", 1],
    ["0.5", 1],
  ];
  for (const [text, bytes] of table) {
    it(`${text} is ${bytes} bytes`, () => assert.equal(parseQuantity(text), bytes));
  }

  for (const text of ["", "Gi", "1 Gi", "1gi", "1KiB", "--1"]) {
    it(`"${text}" is none`, () => {
      assert.throws(() => parseQuantity(text), { message: `"${text}" is no quantity of storage` });
    });
  }
});
