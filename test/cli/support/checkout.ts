import { fork, spawn, type ChildProcess, type ChildProcessByStdio } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import { projectRoot } from "../../../config/projectRoot";

/** What a run of `./atom` came to. */
export interface AtomRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the commands and, in sources, the program under the Pulumi CLI need. */
const copied = [
  ...["Pulumi.yaml", "package.json", "tsconfig.json", "tsconfig.program.json"],
  ...["index.ts", "components", "config", "planning", "stacks", "lab", "dist"],
];

/** Commands that have commands of their own. */
const GROUPS = new Set(["lab", "restore-point", "schedule", "upgrade"]);

/** Commands that ran in a process of their own. */
const shown = new Set<string>();

/** A light copy of the checkout, so that a test may have stack files and a lab of its own. */
export class Checkout {
  private readonly warm: WarmAtom;

  private constructor(readonly root: string) {
    this.warm = new WarmAtom(join(root, "dist", "test", "cli", "support", "atomWorker.js"), root);
  }

  static create(): Checkout {
    const source = projectRoot();
    const root = mkdtempSync(join(tmpdir(), "atom-checkout-"));
    for (const name of copied) {
      cpSync(join(source, name), join(root, name), { recursive: true });
    }
    mkdirSync(join(root, ".pulumi-state"));
    symlinkSync(join(source, "node_modules"), join(root, "node_modules"));
    return new Checkout(root);
  }

  /**
   * Runs the command line as `./atom` does once everything is prepared: each command the first time in a process of its
   * own, as is what is killed or goes on beside another, and later in one that is kept.
   */
  atom(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<AtomRun> {
    const command = args.slice(0, GROUPS.has(args[0] ?? "") ? 2 : 1).join(" ");
    if (this.warm.busy || KILL_VARIABLE in env || !shown.has(command)) {
      shown.add(command);
      return this.start(args, env).run;
    }
    return this.warm.run({ args, env: { ...process.env, ...env } });
  }

  /** Runs a command that has to succeed. */
  async done(args: readonly string[]): Promise<AtomRun> {
    const run = await this.atom(args);
    if (run.status !== 0) {
      throw new Error(`./atom ${args.join(" ")} exits ${run.status}: ${run.stderr}`);
    }
    return run;
  }

  /** Runs it in a process of its own, for what is done to that meanwhile. */
  start(
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): {
    readonly child: ChildProcessByStdio<null, Readable, Readable>;
    readonly run: Promise<AtomRun>;
  } {
    const child = spawn(process.execPath, [join(this.root, "dist", "cli", "main.js"), ...args], {
      cwd: this.root,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return { child, run: ended(child) };
  }

  remove(): void {
    this.warm.end();
    rmSync(this.root, { recursive: true, force: true });
  }
}

function ended(child: ChildProcessByStdio<null, Readable, Readable>): Promise<AtomRun> {
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (data: Buffer) => (stdout += data.toString()));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, stdout, stderr }));
  });
}

/** A command line, and all environment variables that it sees. */
export interface Asked {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A process that runs command lines one after the other: each saves the second that a start takes. */
class WarmAtom {
  busy = false;
  private child: ChildProcess | undefined;

  /** @param worker path of the compiled `atomWorker` of the checkout */
  constructor(
    private readonly worker: string,
    private readonly cwd: string,
  ) {}

  async run(asked: Asked): Promise<AtomRun> {
    const child = (this.child ??= fork(this.worker, {
      cwd: this.cwd,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    }));
    this.busy = true;
    try {
      return await new Promise((resolve, reject) => {
        const ended = (): void => {
          this.child = undefined;
          reject(new Error(`the process of ./atom ${asked.args.join(" ")} has ended`));
        };
        child.once("exit", ended);
        child.once("message", (run: AtomRun) => {
          child.off("exit", ended);
          resolve(run);
        });
        child.send(asked);
      });
    } finally {
      this.busy = false;
    }
  }

  end(): void {
    this.child?.kill("SIGKILL");
  }
}
