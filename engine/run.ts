import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineFailure } from "./failure";
import { LineReader } from "./lineReader";

export interface Run {
  /** Absolute path of the CLI. */
  readonly executable: string;
  /** Never with a secret: arguments are visible to every user of the machine. */
  readonly args: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Given on standard input; none means an empty input. */
  readonly input?: string | undefined;
  /** Called with every complete line of standard output, as it comes. */
  readonly onLine?: (line: string) => void;
  /** After this many milliseconds the run is interrupted. */
  readonly timeoutMs: number;
  /** Interrupts the run as Ctrl-C would; it may take the time that it needs to end in order. */
  readonly stop?: AbortSignal | undefined;
  /** How long an interrupted run may take to end by itself before it is killed, in milliseconds. */
  readonly graceMs: number;
}

export interface RunEnd {
  /** Undefined when a signal ended the process. */
  readonly exitCode: number | undefined;
  /** Whether this process was interrupted and passed it on. */
  readonly interrupted: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs the CLI to its end.
 *
 * It runs in a process group of its own and writes to files, not pipes: Ctrl-C reaches it once, through us (a second
 * one would make it stop in the middle of an operation), and when this process is killed the CLI goes on to the end
 * of its deployment instead of dying on a closed pipe with the stack locked.
 *
 * @throws EngineFailure `setup` when it cannot be started, `timeOut` when it was interrupted for taking too long.
 */
export async function run(what: Run): Promise<RunEnd> {
  const folder = await mkdtemp(join(tmpdir(), "atom-engine-"));
  const [stdoutFile, stderrFile] = [join(folder, "stdout"), join(folder, "stderr")];
  const descriptors = [openSync(stdoutFile, "w", 0o600), openSync(stderrFile, "w", 0o600)];
  const reader = what.onLine === undefined ? undefined : new LineReader(stdoutFile, what.onLine);
  try {
    const child = spawn(what.executable, what.args, {
      cwd: what.folder,
      env: what.env,
      detached: true,
      stdio: ["pipe", descriptors[0], descriptors[1]],
    });
    const end = await finished(child, what);
    reader?.end();
    const [stdout, stderr] = await Promise.all([
      readFile(stdoutFile, "utf8"),
      readFile(stderrFile, "utf8"),
    ]);
    return { ...end, stdout, stderr };
  } catch (error) {
    reader?.end();
    throw error;
  } finally {
    descriptors.forEach((descriptor) => closeSync(descriptor));
    await rm(folder, { recursive: true, force: true });
  }
}

type Ended = Pick<RunEnd, "exitCode" | "interrupted">;

async function finished(child: ChildProcess, what: Run): Promise<Ended> {
  // A CLI that ends without reading its input closes the pipe; its exit code then tells why.
  child.stdin?.on("error", () => {});
  child.stdin?.end(what.input ?? "");
  const interruption = new Interruption(child, what);
  try {
    const exitCode = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", (error) =>
        reject(
          new EngineFailure("setup", `${what.executable} cannot be started: ${error.message}`),
        ),
      );
      child.once("close", (code) => resolve(code ?? undefined));
    });
    if (interruption.timedOut) {
      const minutes = Math.round(what.timeoutMs / 6000) / 10;
      const command = what.args.slice(0, 2).join(" ");
      const message = `pulumi ${command} took longer than ${minutes} minutes and was interrupted.`;
      throw new EngineFailure("timeOut", message, exitCode);
    }
    return { exitCode, interrupted: interruption.passed };
  } finally {
    interruption.end();
  }
}

/** Passes interrupts of this process on to the CLI, and interrupts it when its time is up. */
class Interruption {
  timedOut = false;
  /** Whether an interrupt of this process was passed on. */
  passed = false;
  private readonly limit: NodeJS.Timeout;
  private kill: NodeJS.Timeout | undefined;
  private readonly pass = (): void => {
    this.passed = true;
    this.child.kill("SIGINT");
  };

  constructor(
    private readonly child: ChildProcess,
    private readonly what: Run,
  ) {
    process.on("SIGINT", this.pass);
    process.on("SIGTERM", this.pass);
    what.stop?.addEventListener("abort", this.pass);
    this.limit = setTimeout(() => {
      this.timedOut = true;
      this.child.kill("SIGINT");
      this.kill = setTimeout(() => this.child.kill("SIGKILL"), what.graceMs);
    }, what.timeoutMs);
  }

  end(): void {
    process.off("SIGINT", this.pass);
    process.off("SIGTERM", this.pass);
    this.what.stop?.removeEventListener("abort", this.pass);
    clearTimeout(this.limit);
    clearTimeout(this.kill);
  }
}
