import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startTime } from "../clients/process";
import { LabError, explainFileError } from "./error";
import { makeDir } from "./files";

/** Arguments of a process, the program first; empty if it has ended. */
export function commandLine(pid: number): string[] {
  try {
    const text = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return text === "" ? [] : text.replace(/\0$/, "").split("\0");
  } catch {
    return [];
  }
}

/** Ids of all processes whose arguments `match`. */
export function findProcesses(match: (argv: readonly string[]) => boolean): number[] {
  return fs
    .readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => match(commandLine(pid)));
}

/** A program to start so that it outlives this command. */
export interface Detached {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly log: string;
}

const MAX_LOG_BYTES = 5 * 1024 * 1024;

/** Starts a program in a session of its own with its output in its log, and gives its process id. */
export async function startDetached(what: Detached): Promise<number> {
  makeDir(path.dirname(what.log));
  const log = openLog(what.log);
  try {
    const child = spawn(what.program, [...what.args], {
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...what.env },
      cwd: what.cwd,
    });
    const pid = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => resolve(child.pid ?? 0));
    });
    child.unref();
    return pid;
  } catch (error) {
    throw new LabError(
      `${what.program} cannot be started: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    fs.closeSync(log);
  }
}

function openLog(file: string): number {
  try {
    if (fs.existsSync(file) && fs.statSync(file).size > MAX_LOG_BYTES) {
      fs.renameSync(file, `${file}.1`);
    }
    return fs.openSync(file, "a", 0o600);
  } catch (error) {
    throw explainFileError(error, `The log ${file} cannot be opened`);
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended in the meantime, which is what is wanted.
  }
}

/**
 * Ends a process: SIGTERM and, if it is still there after `graceMs`, SIGKILL. With 0 it is killed at once.
 * `match` is asked first and the start of the process is compared before each signal, so that a pid that was
 * given to another program is left alone.
 */
export async function endProcess(
  pid: number,
  match: (argv: readonly string[]) => boolean,
  graceMs: number,
): Promise<void> {
  const started = startTime(pid);
  if (started === undefined || !match(commandLine(pid))) {
    return;
  }
  // A process that is ending has no arguments any more, so that from here on its start tells it from others.
  const there = (): boolean => startTime(pid) === started;
  if (graceMs > 0) {
    signal(pid, "SIGTERM");
    await until(() => !there(), graceMs);
  }
  if (there()) {
    signal(pid, "SIGKILL");
  }
  if (!(await until(() => !there(), 10_000))) {
    throw new LabError(`Process ${pid} does not end, not even by SIGKILL. End it by hand.`);
  }
}

/** Waits until `condition` holds, at most `limitMs`; tells whether it came to hold. */
export async function until(condition: () => boolean, limitMs: number): Promise<boolean> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) {
      return false;
    }
    await sleep(20);
  }
  return true;
}
