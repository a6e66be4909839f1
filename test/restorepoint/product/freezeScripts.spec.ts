// Runs the very scripts of a freeze hook in a shell. Not shown here: that a container's end sends SIGTERM to it.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { holdScript, seenScript, shellWords } from "../../../restorepoint/product/freeze";

describe("the scripts of a freeze hook", () => {
  let dir: string;
  let log: string;
  const says = (word: string): readonly string[] => ["sh", "-c", `echo ${word} >> ${log}`];
  const words = (): string[] => readFileSync(log, "utf8").trim().split("\n");

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "atom-freeze-"));
    log = join(dir, "log");
    writeFileSync(log, "");
  });

  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  function hold(freeze: readonly string[], thaw: readonly string[], leaseSeconds: number) {
    const child = spawn("/bin/sh", ["-c", holdScript({ freeze, thaw, leaseSeconds }, dir)], {
      stdio: "ignore",
    });
    const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
    return { child, ended };
  }

  async function frozen(): Promise<void> {
    for (let tries = 0; !existsSync(join(dir, "frozen")); tries += 1) {
      assert.ok(tries < 500);
      await pause(10);
    }
  }

  it("thaw when the lease runs out, whoever asked for the freeze", async () => {
    const { ended } = hold(says("frozen"), says("thawed"), 0);
    assert.equal(await ended, 0);
    assert.deepEqual(words(), ["frozen", "thawed"]);
  });

  it("thaw at once when they are asked to end", async () => {
    const { child, ended } = hold(says("frozen"), says("thawed"), 600);
    await frozen();
    assert.deepEqual(words(), ["frozen"]);
    child.kill("SIGTERM");
    assert.equal(await ended, 143);
    assert.deepEqual(words(), ["frozen", "thawed"]);
  });

  it("thaw what a failed freeze may have left, and never say that it is frozen", async () => {
    const { ended } = hold(["false"], says("thawed"), 600);
    assert.equal(await ended, 1);
    assert.deepEqual(words(), ["thawed"]);
    assert.equal(existsSync(join(dir, "frozen")), false);
  });

  it("say by their exit code that the thaw failed", async () => {
    const { ended } = hold(["true"], ["false"], 0);
    assert.equal(await ended, 70);
  });

  it("see the freeze, and give up on one that does not come", () => {
    const seen = (limit: number) => spawnSync("/bin/sh", ["-c", seenScript(dir, limit)]).status;
    assert.equal(seen(0), 1);
    writeFileSync(join(dir, "frozen"), "");
    assert.equal(seen(0), 0);
  });

  for (const word of ["plain", "it's", "$(touch x)", "a b\nc", "`x`", '"', "\\"]) {
    it(`hand on the word ${JSON.stringify(word)} as it is`, () => {
      const { stdout } = spawnSync("/bin/sh", ["-c", shellWords(["printf", "%s", word])]);
      assert.equal(stdout.toString(), word);
    });
  }
});
