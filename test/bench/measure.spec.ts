// Shows the arithmetic and the inputs of the measurements, not the times: those are the machine's.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { largeSite } from "../../bench/largeSite";
import { measure, median } from "../../bench/measure";
import { engineConfiguration } from "../../config/engineConfiguration";
import { projectRoot } from "../../config/projectRoot";
import { collect } from "../../engine/program/collect";

describe("a measurement", () => {
  it("takes the middle value, and the mean of two in the middle", () => {
    assert.equal(median([9, 1, 5]), 5);
    assert.equal(median([9, 1, 5, 6]), 5.5);
    assert.equal(median([3]), 3);
    assert.throws(() => median([]), /not defined/);
  });

  it("runs every case and gives a time for each", () => {
    const cases = [
      { name: "nothing", args: ["-e", "0"] },
      { name: "a wait", args: ["-e", "setTimeout(() => {}, 200)"] },
    ];
    const medians = measure(cases, 1, process.cwd());
    assert.deepEqual([...medians.keys()], ["nothing", "a wait"]);
    assert.ok((medians.get("a wait") ?? 0) >= 200);
  });

  it("gives no time for a case that failed", () => {
    const cases = [{ name: "broken", args: ["-e", "throw new Error('so')"] }];
    assert.throws(() => measure(cases, 1, process.cwd()), /broken ended with 1: [^]*so/);
  });
});

describe("the large site", () => {
  it("takes three snapshots of each VM, chained in the order of their names", async () => {
    const folder = mkdtempSync(join(tmpdir(), "atom-bench-test-"));
    try {
      const configuration = engineConfiguration(largeSite(5, folder));
      const input = { root: projectRoot(), stack: "lab", ...configuration };
      const { registrations } = await collect(input);
      const snapshots = registrations.filter((one) => one.type.startsWith("vsphere:index/"));
      assert.equal(snapshots.length, 15);
      assert.deepEqual(
        ["one", "three", "two"].map((point) => {
          const name = `${point}-vm-worker-4`;
          const snapshot = snapshots.find((one) => one.name === name);
          return snapshot?.dependsOn.map((urn) => urn.split("::").at(-1));
        }),
        [[], ["one-vm-worker-4"], ["three-vm-worker-4"]],
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
