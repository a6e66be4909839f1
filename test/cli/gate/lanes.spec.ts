import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { inLanes, laneCount } from "../../../cli/gate/lanes";

describe("the lanes of the gate", () => {
  it("are one more than processors, as far as memory goes, at least one and at most four", () => {
    const GiB = 1024 ** 3;
    assert.equal(laneCount(2, 24 * GiB), 3);
    assert.equal(laneCount(2, 3 * GiB), 1);
    assert.equal(laneCount(2, 0.5 * GiB), 1);
    assert.equal(laneCount(1, 24 * GiB), 2);
    assert.equal(laneCount(64, 256 * GiB), 4);
    assert.equal(laneCount(64, 6 * GiB), 3);
  });

  it("do everything once, begun in order, never more at once than there are lanes", async () => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    const results = await inLanes(2, [0, 1, 2, 3, 4], async (one) => {
      begun.push(one);
      most = Math.max(most, ++running);
      // Later work ends sooner, so that the order of results is not the order of ends.
      for (let turns = 10 - 2 * one; turns > 0; turns--) {
        await turn();
      }
      running -= 1;
      return one * 10;
    });
    assert.deepEqual(results, [0, 10, 20, 30, 40]);
    assert.deepEqual(begun, [0, 1, 2, 3, 4]);
    assert.equal(most, 2);
  });

  it("do nothing for no work", async () => {
    assert.deepEqual(await inLanes(3, [], () => Promise.reject(new Error("never"))), []);
  });
});
