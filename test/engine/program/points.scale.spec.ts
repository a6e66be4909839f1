import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { PointsMeasured } from "../../../bench/pointsOnce";
import { projectRoot } from "../../../config/projectRoot";

const VOLUMES = 200;
const NODES = 300;

function measured(points: number): PointsMeasured {
  const script = join(projectRoot(), "dist", "bench", "pointsOnce.js");
  const args = [script, ...[points, VOLUMES, NODES].map(String)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as PointsMeasured;
}

describe("a site of 300 nodes with fifty cut points of 200 volumes", () => {
  it("is read, declared and planned whole, in a time that grows as it does", () => {
    const half = measured(25);
    const whole = measured(50);
    assert.equal(half.registered, 25 * VOLUMES);
    assert.equal(whole.registered, 50 * VOLUMES);
    // Nothing of the points is done again; the classes are not recorded.
    assert.deepEqual(whole.steps, { same: 50 * VOLUMES, adopt: 3 });
    assert.ok(
      whole.configurationBytes < 64 * 1024,
      `${whole.configurationBytes} bytes of configuration: Linux takes no more than 128 KiB in one variable`,
    );
    const sum = ({ parse, collect, plan }: PointsMeasured): number => parse + collect + plan;
    for (const part of ["parse", "collect", "plan"] as const) {
      const ratio = whole[part] / half[part];
      process.stderr.write(
        `${part}: ${half[part].toFixed(0)} ms for 25 points, ${whole[part].toFixed(0)} ms for 50, x ${ratio.toFixed(2)}\n`,
      );
      // Twice the points; a square would be four times.
      assert.ok(ratio < 3.2, `${part}: x ${ratio.toFixed(2)}`);
    }
    assert.ok(
      whole.parse < 0.6 * sum(whole),
      "most of the time goes into parsing the points' files",
    );
  });
});
