import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { silentReporter } from "../support/silentReporter";
import { awaitStackLock } from "../../engine/stackLock";

describe("the lock of a stack", () => {
  let state: string;
  let file: string;

  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "atom-lock-"));
    const folder = join(state, ".pulumi", "locks", "organization", "atom-backup", "lab");
    mkdirSync(folder, { recursive: true });
    file = join(folder, "one.json");
  });
  afterEach(() => rmSync(state, { recursive: true }));

  /** The CLI writes what it knows of the file beside it. */
  function held(pid: number, host = hostname()): void {
    writeFileSync(file, JSON.stringify({ pid, username: "root", hostname: host }));
    writeFileSync(`${file}.attrs`, "{}");
  }

  /** @returns what was told */
  async function awaited(waitMs = 20_000): Promise<string[]> {
    const told: string[] = [];
    const reporter = { ...silentReporter, info: (text: string) => void told.push(text) };
    const names = { project: "atom-backup", stack: "lab", reporter };
    await awaitStackLock({ ...names, url: `file://${state}`, waitMs });
    return told;
  }

  /** Pid of a process that has ended. */
  async function endedPid(): Promise<number> {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    return child.pid ?? 0;
  }

  it("is taken away where its holder died on this machine", async () => {
    held(await endedPid());
    deepEqual(await awaited(), []);
    equal(existsSync(file), false);
    equal(existsSync(`${file}.attrs`), false);
  });

  it("is waited for while its holder runs, naming it", async () => {
    const child = spawn(process.execPath, ["-e", "setTimeout(() => {}, 500)"]);
    held(child.pid ?? 0);
    match((await awaited()).join(), new RegExp(`\\blab\\b.*\\b${child.pid ?? 0}\\b`, "u"));
    equal(child.exitCode, 0);
    equal(existsSync(file), false);
  });

  it("stays where its holder runs on, or is of another machine", async () => {
    held(process.pid);
    equal((await awaited(1)).length, 1);
    held(await endedPid(), "elsewhere");
    deepEqual(await awaited(), []);
    equal(existsSync(file), true);
  });
});
