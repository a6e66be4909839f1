import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ensureBinaries } from "../../../lab/build";
import { labEnv } from "../../../lab/environment";
import { projectDir } from "../../../lab/paths";
import type { LabRecord } from "../../../lab/record";
import { silentReporter } from "../../support/silentReporter";

/** Folder of the state, as Pulumi.yaml names it, and of its copy without resources. */
const STATE = ".pulumi-state";
const FRESH_STATE = ".pulumi-state-fresh";

/** What a run of the Pulumi CLI came to. */
export interface PulumiRun {
  readonly status: number | null;
  /** Standard output and standard error. */
  readonly output: string;
}

/** The lab's own Pulumi CLI in one project, as somebody uses it after `lab env`, with its state in the project. */
export class PlainPulumi {
  private constructor(
    readonly project: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** For a stack that is there, in the project `project`, on the lab `record` of the folder `root`. */
  static async open(
    project: string,
    stack: string,
    lab: { readonly root: string; readonly record: LabRecord },
  ): Promise<PlainPulumi> {
    const options = { project: projectDir(), env: process.env, reporter: silentReporter };
    const { dirs } = await ensureBinaries({ ...options, need: ["engine"] });
    const env = {
      ...process.env,
      ...labEnv(lab.root, lab.record),
      ...(stack === "lab" ? {} : { PULUMI_STACK: stack, PULUMI_OPTION_CONFIG_FILE: undefined }),
      PATH: `${dirs.engine}${path.delimiter}${process.env["PATH"] ?? ""}`,
      PULUMI_HOME: path.join(project, ".pulumi-home"),
    };
    return new PlainPulumi(project, env);
  }

  /** The same, and makes the stack; the project may be empty. */
  static async init(...what: Parameters<typeof PlainPulumi.open>): Promise<PlainPulumi> {
    const [project, stack] = what;
    fs.mkdirSync(path.join(project, STATE), { recursive: true });
    fs.symlinkSync(path.join(projectDir(), "node_modules"), path.join(project, "node_modules"));
    const pulumi = await PlainPulumi.open(...what);
    const { status, output } = await pulumi.run(["stack", "init", stack]);
    if (status !== 0) {
      throw new Error(output);
    }
    fs.cpSync(path.join(project, STATE), path.join(project, FRESH_STATE), { recursive: true });
    return pulumi;
  }

  version(): Promise<PulumiRun> {
    return this.run(["version"]);
  }

  /** The state as text, secrets encrypted. */
  async state(): Promise<string> {
    return (await this.run(["stack", "export"])).output;
  }

  /** Puts the state back to that of a stack without resources. */
  forget(): void {
    const state = path.join(this.project, STATE);
    fs.rmSync(state, { recursive: true });
    fs.cpSync(path.join(this.project, FRESH_STATE), state, { recursive: true });
  }

  /** Runs a command on the stack, with further environment variables. */
  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<PulumiRun> {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.project,
      env: { ...this.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data: Buffer) => (output += data.toString()));
    child.stderr.on("data", (data: Buffer) => (output += data.toString()));
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (status) => resolve({ status, output }));
    });
  }
}
