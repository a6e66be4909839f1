import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { onPointLab, type PointLab, type Taking } from "./support/pointLab";
import { productState } from "./support/productState";
import { requireWhole, storedSnapshots } from "./support/wholePoint";

const stopped: Taking = { consistency: "stopped" };
const words = ["--consistency", "stopped", "--virtual-machines", "none"];

// However a take ends, the product runs, and where it does not, everybody is told.
describe("a restore point of a stopped product, interrupted", () => {
  let lab: PointLab;
  let before_: unknown;

  onPointLab({ part: "inventory" }, async (shared) => {
    lab = shared;
    lab.write("moment of the interrupt");
    before_ = await productState(lab);
  });

  /** One volume takes so long that the product is stopped meanwhile. */
  const slow = (delayMs: number): void =>
    lab.faults([{ method: "CreateSnapshot", claim: "atom/data-inventory-0", action: { delayMs } }]);

  const runsAgain = async (limitMs: number): Promise<void> => {
    const end = Date.now() + limitMs;
    while (JSON.stringify(await productState(lab)) !== JSON.stringify(before_)) {
      ok(Date.now() < end, "the product does not run as before");
      await pause(100);
    }
  };

  for (const signal of ["SIGHUP", "SIGINT"] as const) {
    it(`${signal} is acknowledged at once, and the product runs before the slow driver ends`, async () => {
      slow(12_000);
      const { child, run } = lab.checkout.start(["restore-point", "create", "broken", ...words]);
      let said = "";
      child.stderr.on("data", (data: Buffer) => (said += data.toString()));
      await lab.isStopped();
      const begin = Date.now();
      child.kill(signal);
      while (!said.includes(`Stopping (${signal})`)) {
        ok(Date.now() < begin + 2000, said);
        await pause(20);
      }
      await runsAgain(10_000);
      ok(Date.now() < begin + 10_000);
      const { status, stderr } = await run;
      equal(status, 1, stderr);
      match(stderr, /It was interrupted\./);
      equal((await lab.point("broken"))?.state, "failed");
      deepStrictEqual(storedSnapshots(lab), []);
      deepStrictEqual(await productState(lab), before_);
      await lab.remove("broken");
    });
  }

  it("a reader of its output that goes away ends no work", async () => {
    lab.faults([]);
    const { child, run } = lab.checkout.start(["restore-point", "create", "piped", ...words]);
    child.stderr.once("data", () => {
      child.stderr.destroy();
      child.stdout.destroy();
    });
    equal((await run).status, 0);
    equal((await lab.point("piped"))?.state, "ready");
    deepStrictEqual(await productState(lab), before_);
    await lab.remove("piped");
  });

  it("a kill is told by list and show, with what to run, and that run mends it", async () => {
    lab.narrow("all");
    equal(await lab.createAndKill("killed", stopped, 34, 0), true);
    for (const args of [["list"], ["show", "killed"]]) {
      const { stdout } = await lab.restorePoint(...args);
      match(
        stdout,
        /the product is stopped since 20\S+Z by \S+; .*run \.\/atom restore-point create killed again/,
      );
    }
    await lab.take("killed", stopped);
    await requireWhole(lab, "killed", stopped, ["moment of the interrupt"]);
    deepStrictEqual(await productState(lab), before_);
    await lab.remove("killed");
  });
});
