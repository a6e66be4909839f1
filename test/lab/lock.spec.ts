import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../lab/lock";
import { startTime } from "../../clients/process";
import { removeTemporary, temporary } from "./support/temporary";

describe("the lock", () => {
  afterEach(removeTemporary);

  it("lets one at a time in and goes away afterwards", async () => {
    const file = path.join(temporary(), "new", "lock");
    let inside = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++inside);
      await sleep(5);
      inside--;
    };
    await Promise.all(Array.from({ length: 6 }, () => withLock(file, {}, work)));
    assert.equal(most, 1);
    assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
  });

  it("goes away when the work fails", async () => {
    const file = path.join(temporary(), "lock");
    await assert.rejects(
      withLock(file, {}, () => Promise.reject(new Error("no"))),
      new Error("no"),
    );
    assert.ok(!fs.existsSync(file));
  });

  it("names the process that holds it, once", async () => {
    const file = path.join(temporary(), "lock");
    const named: number[] = [];
    await Promise.all([
      withLock(file, {}, () => sleep(250)),
      withLock(file, { onWait: (pid) => named.push(pid) }, () => Promise.resolve()),
    ]);
    assert.deepEqual(named, [process.pid]);
  });

  it("stops waiting when told to", async () => {
    const file = path.join(temporary(), "lock");
    const holder = withLock(file, {}, () => sleep(400));
    const signal = AbortSignal.timeout(50);
    await assert.rejects(
      withLock(file, { signal }, () => Promise.resolve()),
      { name: "AbortError" },
    );
    await holder;
  });

  const dead: readonly (readonly [string, () => string | Promise<string>])[] = [
    [
      "a process that was killed",
      async () => {
        const child = spawn("sleep", ["60"]);
        const pid = child.pid ?? 0;
        const held = JSON.stringify({ pid, startTime: startTime(pid) });
        child.kill("SIGKILL");
        await once(child, "close");
        return held;
      },
    ],
    [
      "a process whose id another one has now",
      () => JSON.stringify({ pid: process.pid, startTime: "1" }),
    ],
    ["nobody, as it is empty", () => ""],
    ["nobody, as it is no JSON", () => "{"],
  ];
  for (const [whom, content] of dead) {
    it(`is taken over from ${whom}, by one of many`, async () => {
      const file = path.join(temporary(), "lock");
      fs.writeFileSync(file, await content());
      let inside = 0;
      let most = 0;
      let entered = 0;
      const work = async (): Promise<void> => {
        entered++;
        most = Math.max(most, ++inside);
        await sleep(5);
        inside--;
      };
      await Promise.all(Array.from({ length: 5 }, () => withLock(file, {}, work)));
      assert.equal(entered, 5);
      assert.equal(most, 1);
    });
  }
});
