import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { killListener } from "../clients/killPoints";
import type { Reporter } from "../clients/reporter";
import { labStack } from "../config/stackNames";
import { inCompiledProject, readProject } from "./compiledProject";
import { engineEnvironment } from "./environment";
import type { EngineFailure } from "./failure";
import { explainFailure } from "./failure";
import type { EnginePreview } from "./preview";
import { engineMark } from "./orphans";
import { parsePreview } from "./preview";
import { run } from "./run";
import type { Run, RunEnd } from "./run";
import { takeAdditions } from "./stackFileText";
import type { StateDocument } from "./stateDocument";
import { parseState } from "./stateDocument";
import { errorsIn, parseUpLine } from "./upOutput";

export interface PulumiCliOptions {
  /** Absolute path of the CLI, from `findPulumi`. */
  readonly executable: string;
  /** Folder of Pulumi.yaml. */
  readonly folder: string;
  readonly stack: string;
  /** Stack file to use. The CLI may write into it, so that before a confirmation it has to be a copy. */
  readonly configFile: string;
  /** Environment of the caller: passphrase, state backend, kubeconfig and plugin settings come from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly reporter: Reporter;
  /** Longest preview, in minutes; default 30. */
  readonly previewMinutes?: number;
  /** Longest deployment, in minutes; default 720, since one VM snapshot may take up to an hour. */
  readonly upMinutes?: number;
}

/** One preview or deployment. */
export interface EngineRun {
  /** Absolute path of the stack file. The CLI may write into it: before a confirmation it has to be a copy. */
  readonly file: string;
  /** Update plan: a preview writes it, a deployment does nothing that is not in it. Secrets in it are encrypted. */
  readonly plan?: string;
  /** URNs to deploy, with the providers and components that they need and nothing else; default all. */
  readonly targets?: readonly string[];
  /** URNs to leave as the state has them, neither refreshed nor changed; not together with `targets`. */
  readonly exclude?: readonly string[];
  /** Interrupts the run, which then ends in order. */
  readonly stop?: AbortSignal;
}

const minute = 60_000;

/** Longest run of a command that only touches the state, in milliseconds. */
const stateCommandMs = 2 * minute;

/** How long an interrupted command may take to end by itself, in milliseconds. */
const stateGraceMs = 10_000;
const deploymentGraceMs = 10 * minute;

// Without the program the engine would refresh through the provider as the state has it: after a changed vCenter
// password or address no refresh would succeed, and so no deployment that brings the change into the state.
const refresh = ["--refresh", "--run-program"];

/**
 * The Pulumi CLI in the project folder, for one stack. Commands never ask, never get configuration values or secrets
 * as arguments (`-c` would save them, and arguments are visible to all users), and never cancel another run's lock.
 * All methods throw an `EngineFailure` with the engine's own words when the CLI does not do what it was asked.
 */
export class PulumiCli {
  /** Called where this process may be killed while the CLI goes on. */
  private readonly moment: () => void;

  constructor(private readonly options: PulumiCliOptions) {
    this.moment = killListener({ isLab: options.stack === labStack });
  }

  /**
   * Makes the stack, empty, in the state backend. An `encryptionsalt` that the CLI makes for it is added to the stack
   * file; the CLI itself would write into the project's.
   */
  async makeStack(): Promise<void> {
    const { stack, configFile } = this.options;
    await this.inProject(async (folder) => {
      const copy = join(folder, `Pulumi.${stack}.yaml`);
      await copyFile(configFile, copy);
      await this.succeed("stack init", ["stack", "init", stack, "--no-select"], { folder });
      takeAdditions(copy, configFile);
    });
  }

  /** The stack's state, secrets in it encrypted; undefined when there is no such stack. */
  async exportState(): Promise<StateDocument | undefined> {
    const end = await this.call(["stack", "export", ...this.stack()]);
    if (end.exitCode === 0) {
      return parseState(end.stdout);
    }
    const failure = this.failure("stack export", end, []);
    if (failure.kind === "noStack") {
      return undefined;
    }
    throw failure;
  }

  /** Replaces the stack's state. Live objects are not touched. */
  async importState(document: StateDocument): Promise<void> {
    const args = ["stack", "import", ...this.stack()];
    await this.succeed("stack import", args, { input: JSON.stringify(document) });
  }

  /** What `up` would do, read live; nothing is changed, neither live nor in the state. */
  async preview(how: Omit<EngineRun, "file"> = {}): Promise<EnginePreview> {
    const { reporter, stack, previewMinutes = 30 } = this.options;
    const progress = reporter.progress(`pulumi preview of stack ${stack}`);
    const plan = how.plan === undefined ? [] : ["--save-plan", how.plan];
    try {
      const end = await this.call(
        ["preview", ...this.operation(), ...selection(how), "--json", ...plan],
        { timeoutMs: previewMinutes * minute, graceMs: deploymentGraceMs, stop: how.stop },
      );
      if (end.exitCode !== 0) {
        throw this.failure("preview", end, errorsOfPreview(end));
      }
      const preview = parsePreview(end.stdout, end.stderr);
      preview.warnings.forEach((text) => reporter.warn(text));
      progress.done();
      return preview;
    } catch (error) {
      progress.fail("stopped");
      throw error;
    }
  }

  /** Reads the live systems and deploys, without another preview. */
  async up(how: Omit<EngineRun, "file"> = {}): Promise<void> {
    const plan = how.plan === undefined ? [] : ["--plan", how.plan];
    const title = `pulumi up of stack ${this.options.stack}`;
    await this.change("up", title, [...selection(how), ...plan], how.stop);
  }

  /** Destroys everything that is in the state, without running the program: by the state alone. */
  async destroy(): Promise<void> {
    await this.change("destroy", `pulumi destroy of stack ${this.options.stack}`, []);
  }

  /** An operation that changes live systems, with its progress. */
  private async change(
    what: "up" | "destroy",
    title: string,
    more: readonly string[],
    stop?: AbortSignal,
  ): Promise<void> {
    const { reporter, upMinutes = 720 } = this.options;
    const progress = reporter.progress(title);
    let done = 0;
    const onLine = (line: string): void => {
      this.moment();
      const said = parseUpLine(line);
      if (said !== undefined) {
        done += said.ended ? 1 : 0;
        progress.update({ done, text: `${said.name} ${said.status}` });
      }
    };
    const args = [
      what,
      ...this.operation(),
      "--yes",
      "--skip-preview",
      "--suppress-outputs",
      ...more,
    ];
    try {
      const limits = { timeoutMs: upMinutes * minute, graceMs: deploymentGraceMs };
      const end = await this.call(args, { ...limits, onLine, stop });
      if (end.exitCode !== 0) {
        throw this.failure(what, end, errorsIn(end.stdout));
      }
      progress.done();
    } catch (error) {
      progress.fail("stopped");
      throw error;
    }
  }

  private stack(): string[] {
    return ["--stack", this.options.stack];
  }

  private operation(): string[] {
    return [...this.stack(), "--config-file", this.options.configFile, "--suppress-progress"];
  }

  private async succeed(what: string, args: readonly string[], how: Partial<Run>): Promise<void> {
    const end = await this.call(args, how);
    if (end.exitCode !== 0) {
      throw this.failure(what, end, []);
    }
  }

  private async call(args: readonly string[], how: Partial<Run> = {}): Promise<RunEnd> {
    const { executable, env, stack } = this.options;
    const runIn = (folder: string): Promise<RunEnd> =>
      run({
        timeoutMs: stateCommandMs,
        graceMs: stateGraceMs,
        ...how,
        executable,
        args: [...args, "--non-interactive"],
        folder,
        env: { ...engineEnvironment(env), ...engineMark(this.options.folder, stack) },
      });
    this.moment();
    const end = await (how.folder === undefined ? this.inProject(runIn) : runIn(how.folder));
    this.moment();
    return end;
  }

  private async inProject<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const { folder, env } = this.options;
    return inCompiledProject(folder, await readProject(folder, env["PULUMI_BACKEND_URL"]), work);
  }

  private failure(what: string, end: RunEnd, diagnostics: readonly string[]): EngineFailure {
    const { stack } = this.options;
    return explainFailure({ ...end, what, stack, diagnostics });
  }
}

/** Targets are deployed as they are declared: a refresh would read every other resource as well. */
function selection({ targets = [], exclude = [] }: Omit<EngineRun, "file">): string[] {
  return targets.length > 0
    ? targets.flatMap((urn) => ["--target", urn])
    : [...refresh, ...exclude.flatMap((urn) => ["--exclude", urn])];
}

/** A preview that fails still prints its document, unless it did not get that far. */
function errorsOfPreview({ stdout, stderr }: RunEnd): readonly string[] {
  return stdout.trim() === "" ? [] : parsePreview(stdout, stderr).errors;
}
