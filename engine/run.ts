import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { EngineFailure } from "./failure";

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
  const [out, err] = [join(folder, "stdout"), join(folder, "stderr")];
  const descriptors = [out, err].map((file) => openSync(file, "w", 0o600));
  const endLines = what.onLine && followLines(out, what.onLine);
  try {
    const child = spawn(what.executable, what.args, {
      cwd: what.folder,
      env: what.env,
      detached: true,
      stdio: ["pipe", ...descriptors],
    });
    const end = await finished(child, what);
    return { ...end, stdout: await readFile(out, "utf8"), stderr: await readFile(err, "utf8") };
  } finally {
    endLines?.();
    descriptors.forEach((descriptor) => closeSync(descriptor));
    await rm(folder, { recursive: true, force: true });
  }
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Passes interrupts of this process on to the CLI, and interrupts it when its time is up. */
async function finished(
  child: ChildProcess,
  what: Run,
): Promise<Pick<RunEnd, "exitCode" | "interrupted">> {
  const state = { interrupted: false, timedOut: false };
  const pass = (): void => {
    state.interrupted = true;
    child.kill("SIGINT");
  };
  let kill: NodeJS.Timeout | undefined;
  const limit = setTimeout(() => {
    state.timedOut = true;
    child.kill("SIGINT");
    kill = setTimeout(() => child.kill("SIGKILL"), what.graceMs);
  }, what.timeoutMs);
  SIGNALS.forEach((signal) => process.on(signal, pass));
  what.stop?.addEventListener("abort", pass);
  // A CLI that ends without reading its input closes the pipe; its exit code then tells why.
  child.stdin?.on("error", () => {});
  child.stdin?.end(what.input ?? "");
  try {
    const exitCode = await new Promise<number | undefined>((resolve, reject) => {
      child.once("error", ({ message }) =>
        reject(new EngineFailure("setup", `${what.executable} cannot be started: ${message}`)),
      );
      child.once("close", (code) => resolve(code ?? undefined));
    });
    if (state.timedOut) {
      const minutes = Math.round(what.timeoutMs / 6000) / 10;
      const command = what.args.slice(0, 2).join(" ");
      const message = `pulumi ${command} took longer than ${minutes} minutes and was interrupted.`;
      throw new EngineFailure("timeOut", message, exitCode);
    }
    return { exitCode, interrupted: state.interrupted };
  } finally {
    SIGNALS.forEach((signal) => process.off(signal, pass));
    what.stop?.removeEventListener("abort", pass);
    clearTimeout(limit);
    clearTimeout(kill);
  }
}

/**
 * Hands on the complete lines of a file, without their ends, while another process still writes it.
 *
 * @returns reads what is left, an unended last line too, and ends it
 */
function followLines(path: string, onLine: (line: string) => void): () => void {
  const file = openSync(path, "r");
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(64 * 1024);
  let rest = "";
  const read = (): void => {
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null);
      if (count === 0) {
        return;
      }
      const lines = (rest + decoder.write(buffer.subarray(0, count))).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach((line) => onLine(line));
    }
  };
  const timer = setInterval(read, 100);
  return () => {
    clearInterval(timer);
    read();
    if (rest !== "") {
      onLine(rest);
    }
    closeSync(file);
  };
}
