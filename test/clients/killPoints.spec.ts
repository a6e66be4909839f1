import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const home = join(__dirname, "../../clients/killPoints.js");

/** Passes three kill points and says so. */
function run(isLab: boolean, at: string): { signal: string | null; said: string } {
  const program = `
    const { killListener } = require(${JSON.stringify(home)});
    const one = killListener({ isLab: ${isLab} });
    one("posted"); console.log("first");
    killListener({ isLab: ${isLab} })("thawed"); console.log("second");
    one("recorded"); console.log("third");`;
  const env = { ...process.env, ATOM_KILL_AT: at };
  const { signal, stdout } = spawnSync(process.execPath, ["-e", program], { env });
  return { signal, said: stdout.toString().trim().split("\n").join(" ") };
}

describe("kill points", () => {
  it("end a command of the lab at the one that is asked for, counted over all", () => {
    assert.deepEqual(run(true, "2"), { signal: "SIGKILL", said: "first" });
    assert.deepEqual(run(true, "9"), { signal: null, said: "first second third" });
  });

  it("have no effect on any other stack", () => {
    assert.deepEqual(run(false, "2"), { signal: null, said: "first second third" });
  });
});
