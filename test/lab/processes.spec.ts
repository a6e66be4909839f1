import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { startTime } from "../../clients/process";
import { commandLine, endProcess, findProcesses, startDetached, until } from "../../lab/processes";
import { removeTemporary, temporary } from "./support/temporary";

describe("processes", () => {
  afterEach(removeTemporary);

  async function start(script: string): Promise<{ pid: number; log: string; marker: string }> {
    const dir = temporary();
    const log = path.join(dir, "log");
    const args = ["-c", script, `marker-${dir}`];
    const pid = await startDetached({
      program: "/bin/sh",
      args,
      env: { ONLY: "this" },
      cwd: dir,
      log,
    });
    return { pid, log, marker: `marker-${dir}` };
  }

  it("get only the environment they are given, and write to their log", async () => {
    const { pid, log } = await start("env; echo complaint >&2");
    assert.ok(await until(() => startTime(pid) === undefined, 5000));
    const text = fs.readFileSync(log, "utf8");
    assert.match(text, /^ONLY=this$/m);
    assert.doesNotMatch(text, /^HOME=/m);
    assert.match(text, /^complaint$/m);
    assert.equal(fs.statSync(log).mode & 0o777, 0o600);
  });

  it("are found by their arguments and end on SIGTERM", async () => {
    const { pid, marker } = await start("while :; do :; done");
    const match = (argv: readonly string[]): boolean => argv.includes(marker);
    assert.deepEqual(findProcesses(match), [pid]);
    await endProcess(pid, match, 5000);
    assert.deepEqual(findProcesses(match), []);
  });

  it("are killed when they do not heed SIGTERM", async () => {
    const { pid, log, marker } = await start(
      "trap '' TERM; echo ready; while :; do sleep 0.05; done",
    );
    const match = (argv: readonly string[]): boolean => argv.includes(marker);
    assert.ok(await until(() => fs.readFileSync(log, "utf8").includes("ready"), 5000));
    await endProcess(pid, match, 200);
    assert.equal(startTime(pid), undefined);
  });

  it("are left alone when the id belongs to another program", async () => {
    const other = spawn("sleep", ["60"]);
    const pid = other.pid ?? 0;
    await endProcess(pid, (argv) => argv.includes("--data-dir=elsewhere"), 100);
    assert.notEqual(startTime(pid), undefined);
    other.kill("SIGKILL");
  });

  it("that have ended have no arguments and no start", async () => {
    const { pid } = await start("exit 0");
    assert.ok(await until(() => startTime(pid) === undefined, 5000));
    assert.deepEqual(commandLine(pid), []);
  });

  it("that cannot be started are named", async () => {
    const dir = temporary();
    const program = path.join(dir, "nothing");
    await assert.rejects(
      startDetached({ program, args: [], env: {}, cwd: dir, log: path.join(dir, "log") }),
      { name: "LabError", message: `${program} cannot be started: spawn ${program} ENOENT` },
    );
  });
});
