import assert from "node:assert/strict";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Part } from "../../../cli/gate/parts";
import { runPart, type PartResult } from "../../../cli/gate/runPart";
import { recordingReporter } from "../../lab/support/recordingReporter";
import { removeTemporary, temporary } from "../../lab/support/temporary";

describe("a part of the gate", () => {
  afterEach(removeTemporary);

  /** Runs a part whose program is this shell script. */
  async function run(
    counts: Part["counts"],
    script: string,
  ): Promise<{ result: PartResult; said: string[]; log: string }> {
    const root = temporary();
    writeFileSync(join(root, "program"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(root, "program"), 0o755);
    const reporter = recordingReporter();
    const part: Part = { title: "some part", command: ["program"], counts };
    const result = await runPart(part, root, root, reporter);
    const said = reporter.said.map((text) => text.replace(/\d+ s$/, "N s"));
    return { result, said, log: readFileSync(join(root, "some-part.log"), "utf8") };
  }

  const event = (kind: string, detail: object): string =>
    `printf '%s\\n' '${JSON.stringify([kind, detail])}'`;

  it("counts the tests that mocha tells of", async () => {
    const { result, said, log } = await run(
      "mocha",
      [
        event("start", { total: 2 }),
        event("pass", { fullTitle: "one" }),
        "echo some test printed this",
        event("pass", { fullTitle: "two" }),
        event("end", {}),
      ].join("\n"),
    );
    assert.deepEqual(result, { passed: 2, failed: 0 });
    assert.deepEqual(said, ["done"]);
    assert.match(log, /some test printed this/);
  });

  it("tells of each test that fails, with its stack", async () => {
    const { result, said } = await run(
      "mocha",
      [
        event("start", { total: 2 }),
        event("fail", { fullTitle: "one thing", err: "no", stack: "Error: no\n at a" }),
        event("pass", { fullTitle: "two" }),
        event("end", {}),
        "exit 1",
      ].join("\n"),
    );
    assert.deepEqual(result, { passed: 1, failed: 1 });
    assert.deepEqual(said, [
      "some part: FAILED one thing\nError: no\n at a",
      "1 passed, 1 failed, N s",
    ]);
  });

  it("fails when mocha ends badly though no test failed", async () => {
    const events = [event("start", { total: 2 }), event("pass", { fullTitle: "one" })];
    const crashed = await run("mocha", [...events, "echo gone >&2", "exit 3"].join("\n"));
    assert.deepEqual(crashed.result, { passed: 1, failed: 1 });
    assert.deepEqual(crashed.said, ["gone", "1 passed, 1 failed, N s"]);
    const silent = await run("mocha", events.join("\n"));
    assert.deepEqual(silent.result, { passed: 1, failed: 1 });
  });

  it("counts a check as one, and shows what it found", async () => {
    assert.deepEqual((await run("check", "echo fine")).result, { passed: 1, failed: 0 });
    const { result, said } = await run("check", "echo a.ts is wrong; exit 2");
    assert.deepEqual(result, { passed: 0, failed: 1 });
    assert.deepEqual(said, ["a.ts is wrong", "0 passed, 1 failed, N s"]);
  });

  it("fails when its program is not there", async () => {
    const root = temporary();
    const part: Part = { title: "none", command: ["missing"], counts: "check" };
    const result = await runPart(part, root, root, recordingReporter());
    assert.deepEqual(result, { passed: 0, failed: 1 });
  });
});
