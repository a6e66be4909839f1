import { existsSync } from "node:fs";
import { copyFile, readdir, readFile, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startTime } from "../clients/process";
import type { Reporter } from "../clients/reporter";

/** What the CLI writes into its lock file. */
interface Lock {
  readonly pid: number;
  readonly hostname: string;
}

export interface LockedStack {
  /** URL of the state backend; absent: the one that the CLI is logged in to. */
  readonly url: string | undefined;
  readonly project: string;
  readonly stack: string;
  readonly reporter: Reporter;
  /** Longest wait in milliseconds; default 10 minutes. */
  readonly waitMs?: number;
}

/**
 * Waits for a deployment of the stack that still runs on this machine, e.g. one whose `./atom` was killed, takes away
 * the lock of one that died, and puts the CLI's backup where that one was writing the state. Nothing is done about locks of
 * other machines or other backends than folders, nor after the wait: the CLI names their holders and refuses.
 */
export async function awaitStackLock(options: LockedStack): Promise<void> {
  const { url, project, stack, reporter, waitMs = 600_000 } = options;
  const [, state] = /^file:\/\/(\/[^?]*)/.exec(url ?? "") ?? [];
  if (state === undefined) {
    return;
  }
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  const files = await readdir(folder).catch((): string[] => []);
  const deadline = Date.now() + waitMs;
  const locks = files.filter((name) => name.endsWith(".json"));
  for (const file of locks.map((name) => join(folder, name))) {
    const lock = await readLock(file);
    if (lock?.hostname !== hostname()) {
      continue;
    }
    if (isRunning(lock.pid)) {
      reporter.info(`Waiting for the deployment of stack ${stack} that process ${lock.pid} runs`);
    }
    while (existsSync(file) && isRunning(lock.pid) && Date.now() < deadline) {
      await pause(200);
    }
    if (!isRunning(lock.pid)) {
      await rm(file, { force: true });
      await rm(`${file}.attrs`, { force: true });
    }
  }
  if (!locks.some((name) => existsSync(join(folder, name)))) {
    const file = join(state, ".pulumi", "stacks", project, `${stack}.json`);
    await mendCheckpoint(file, reporter);
    const written = [file, `${file}.bak`, join(state, ".pulumi", "meta.yaml")];
    await Promise.all(written.map((name) => dropEmpty(`${name}.attrs`)));
  }
}

/**
 * The CLI moves the state aside before it writes it anew; killed between, it leaves none, or an empty file. What the last
 * step did and the backup lacks, the comparison with what lives finds.
 */
async function mendCheckpoint(file: string, reporter: Reporter): Promise<void> {
  const backup = `${file}.bak`;
  if ((await sizeOf(file)) === 0 && (await sizeOf(backup)) > 0) {
    await copyFile(backup, file);
    reporter.warn(
      `The Pulumi CLI died while it wrote the stack's state; its backup ${backup} is in force again.`,
    );
  }
}

/**
 * Beside each file the CLI writes what it knows of it, unless the URL says `metadata=skip`. Killed while it does, it leaves
 * an empty file, and every later command fails with `EOF`; without that file it does.
 */
async function dropEmpty(file: string): Promise<void> {
  if ((await sizeOf(file)) === 0) {
    await rm(file, { force: true });
  }
}

/** In bytes; 0 for a file that is not there. */
async function sizeOf(file: string): Promise<number> {
  return (await stat(file).catch(() => undefined))?.size ?? 0;
}

/** Undefined where it is gone, or no lock. */
async function readLock(file: string): Promise<Lock | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Lock;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process runs, too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  // A killed one stays listed until its parent takes notice.
  return !existsSync("/proc/self") || startTime(pid) !== undefined;
}
