import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { explainFileError, isMissing } from "./error";
import { makeDir, readIfThere } from "./files";
import { startTime } from "../clients/process";

interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same id. */
  readonly startTime: string | undefined;
}

export interface LockOptions {
  /** Called once if somebody else holds the lock. */
  readonly onWait?: (pid: number) => void;
  readonly signal?: AbortSignal;
}

/** Runs `work` while this process alone holds the lock file. A lock whose holder is dead is taken over. */
export async function withLock<T>(
  file: string,
  options: LockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const release = await takeLock(file, options);
  try {
    return await work();
  } finally {
    release();
  }
}

async function takeLock(file: string, options: LockOptions): Promise<() => void> {
  let told = false;
  for (;;) {
    if (create(file)) {
      return () => fs.rmSync(file, { force: true });
    }
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder)) {
      if (!told) {
        options.onWait?.(holder.pid);
        told = true;
      }
      await sleep(100, undefined, { signal: options.signal });
    } else {
      removeStale(file);
      await sleep(5, undefined, { signal: options.signal });
    }
  }
}

/** Makes the lock file with its content in one step, so that nobody ever reads half of it. */
function create(file: string): boolean {
  const own = `${file}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const holder: Holder = { pid: process.pid, startTime: startTime(process.pid) };
  try {
    makeDir(path.dirname(file));
    fs.writeFileSync(own, JSON.stringify(holder), { mode: 0o600 });
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") {
      return false;
    }
    if (isMissing(error)) {
      // The folder was erased between the two steps by a command that ended the lab: try again.
      return false;
    }
    throw explainFileError(error, `The lock ${file} cannot be made`);
  } finally {
    fs.rmSync(own, { force: true });
  }
}

function readHolder(file: string): Holder | undefined {
  const text = readIfThere(file);
  if (text === undefined) {
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && "pid" in value) {
      return value as Holder;
    }
  } catch {
    // Not one of ours, or damaged: nobody holds it.
  }
  return { pid: 0, startTime: undefined };
}

function isAlive(holder: Holder): boolean {
  const started = holder.pid > 0 ? startTime(holder.pid) : undefined;
  return started !== undefined && started === holder.startTime;
}

/** A helper file left by a killed process is given up after this time, in milliseconds. */
const TAKEOVER_LIMIT_MS = 5000;

/**
 * Removes the lock of a dead holder. Only one process at a time may do so and looks again before: else two
 * could find the same dead holder, and the slower one would remove the lock that the faster one just took.
 */
function removeStale(file: string): void {
  const takeover = `${file}.takeover`;
  try {
    fs.closeSync(fs.openSync(takeover, "wx", 0o600));
  } catch {
    const stat = fs.statSync(takeover, { throwIfNoEntry: false });
    if (stat !== undefined && Date.now() - stat.mtimeMs > TAKEOVER_LIMIT_MS) {
      fs.rmSync(takeover, { force: true });
    }
    return;
  }
  try {
    const holder = readHolder(file);
    if (holder !== undefined && !isAlive(holder)) {
      fs.rmSync(file, { force: true });
    }
  } finally {
    fs.rmSync(takeover, { force: true });
  }
}
