import { deepEqual, equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
    const tell = (text: string): void => void told.push(text);
    const reporter = { ...silentReporter, info: tell, warn: tell };
    const names = { project: "atom-backup", stack: "lab", reporter };
    await awaitStackLock({ ...names, url: `file://${state}?metadata=skip`, waitMs });
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

  for (const left of [undefined, ""]) {
    it(`of a CLI that died while it wrote the state, ${left === "" ? "emptied" : "moved aside"}, brings its backup back`, async () => {
      const folder = join(state, ".pulumi", "stacks", "atom-backup");
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "lab.json.bak"), "before");
      if (left !== undefined) {
        writeFileSync(join(folder, "lab.json"), left);
      }
      const facts = ["lab.json", "lab.json.bak", "../../meta.yaml"].map((name) =>
        join(folder, `${name}.attrs`),
      );
      facts.forEach((name) => writeFileSync(name, ""));
      held(await endedPid());
      match((await awaited()).join(), /lab\.json\.bak is in force again/u);
      equal(readFileSync(join(folder, "lab.json"), "utf8"), "before");
      deepEqual(facts.filter(existsSync), []);
      writeFileSync(join(folder, "lab.json.attrs"), "{}");
      writeFileSync(join(folder, "lab.json"), "after");
      held(await endedPid());
      deepEqual(await awaited(), []);
      equal(readFileSync(join(folder, "lab.json"), "utf8"), "after");
      equal(readFileSync(join(folder, "lab.json.attrs"), "utf8"), "{}");
    });
  }

  it("stays where its holder runs on, or is of another machine", async () => {
    held(process.pid);
    equal((await awaited(1)).length, 1);
    held(await endedPid(), "elsewhere");
    deepEqual(await awaited(), []);
    equal(existsSync(file), true);
  });
});
