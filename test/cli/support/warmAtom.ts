import { type ChildProcess, fork } from "node:child_process";

import type { AtomRun } from "./checkout";

/** A command line, and all environment variables that it sees. */
export interface Asked {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** A process that runs command lines one after the other: each saves the second that a start takes. */
export class WarmAtom {
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
