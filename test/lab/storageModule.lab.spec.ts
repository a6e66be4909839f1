import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { goEnvironment } from "../../lab/go";
import { projectDir } from "../../lab/paths";

/**
 * Runs tests of the Go module and gives what they say. Go remembers a run that passed until a source changes, so that
 * it costs a second in a checkout that was tested before.
 */
function goTest(...args: readonly string[]): string {
  const run = spawnSync("go", ["test", ...args], {
    cwd: path.join(projectDir(), "lab", "storage"),
    env: goEnvironment(process.env),
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(run.status, 0, `${run.error ?? ""}${run.stdout}${run.stderr}`);
  return run.stdout;
}

describe("the lab's storage, tested in Go", () => {
  it("passes the CSI project's own suite", () => {
    // The others are for a node service, which the driver has none of, and for capabilities that it does not claim.
    const out = goTest("-v", "-run", "^TestSanity$", "./internal/driver");
    assert.match(out, /Ran 58 of 92 Specs/);
    assert.match(out, /58 Passed \| 0 Failed/);
  });

  it("keeps what it promises of placement, copies, kills, faults and commands", () => {
    const out = goTest("./internal/...");
    for (const name of ["driver", "runner", "store"]) {
      assert.match(out, new RegExp(`^ok\\s+atom\\.example/lab/storage/internal/${name}\\s`, "m"));
    }
  });
});
