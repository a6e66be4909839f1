import { spawn, type ChildProcessByStdio } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

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

/** A light copy of the checkout, so that a test may have stack files and a lab of its own. */
export class Checkout {
  private constructor(readonly root: string) {}

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

  /** Runs the command line as `./atom` does once everything is prepared. */
  atom(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<AtomRun> {
    return this.start(args, env).run;
  }

  /** Runs a command that has to succeed. */
  async done(args: readonly string[]): Promise<AtomRun> {
    const run = await this.atom(args);
    if (run.status !== 0) {
      throw new Error(`./atom ${args.join(" ")} exits ${run.status}: ${run.stderr}`);
    }
    return run;
  }

  /** The same, for what is done to the process meanwhile. */
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
