import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { killListener } from "../clients/killPoints";
import { withProgress, type Progress, type Reporter } from "../clients/reporter";
import { labStack } from "../config/stackNames";
import { inCompiledProject, readProject } from "./compiledProject";
import { engineEnvironment } from "./environment";
import { explainFailure, type EngineFailure } from "./failure";
import { engineMark } from "./orphans";
import { parsePreview, type EnginePreview } from "./preview";
import type { Registration } from "./program/desiredState";
import { run, type Run, type RunEnd } from "./run";
import { takeAdditions } from "./stackFileText";
import { stackState, type StackState } from "./stackState";
import { parseState, type StateDocument } from "./stateDocument";
import { editState, type StateEdit } from "./stateEdit";
import { errorsIn, parseUpLine } from "./upOutput";

export interface EngineOptions {
  /** Folder of Pulumi.yaml. */
  readonly root: string;
  readonly stack: string;
  /** Environment of the caller: passphrase, state backend, kubeconfig and plugin settings come from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly reporter: Reporter;
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

/** Of a command that only touches the state: its longest run, and how long it may take to end when interrupted. */
const stateLimits = { timeoutMs: 2 * minute, graceMs: 10_000 };
const previewLimits = { timeoutMs: 30 * minute, graceMs: 10 * minute };
/** One VM snapshot may take up to an hour. */
const upLimits = { timeoutMs: 720 * minute, graceMs: 10 * minute };

// Without the program the engine would refresh through the provider as the state has it: after a changed vCenter
// password or address no refresh would succeed, and so no deployment that brings the change into the state.
const refresh = ["--refresh", "--run-program"];

/**
 * The Pulumi CLI in the project folder, for one stack. Commands never ask, never get configuration values or secrets
 * as arguments (`-c` would save them, and arguments are visible to all users), and never cancel another run's lock.
 * All methods throw an `EngineFailure` with the CLI's own words.
 */
export class Engine {
  /** Called where this process may be killed while the CLI goes on. */
  private readonly moment: () => void;
  /** Whether the stack is known to be in the state backend. */
  private exists = false;

  constructor(
    /** Absolute path of the CLI. */
    private readonly executable: string,
    /** For people, e.g. `pulumi v3.248.0`. */
    readonly title: string,
    private readonly options: EngineOptions,
  ) {
    this.moment = killListener({ isLab: options.stack === labStack });
  }

  /** What is recorded; empty where the stack was never deployed. */
  async state(): Promise<StackState> {
    return stackState(await this.document());
  }

  /**
   * What {@link up} would do, read live; nothing live is touched, nor the state. A stack that is not there yet is made,
   * empty, in the state backend; what the CLI adds to the stack file for it (`encryptionsalt`) is added to the run's file.
   */
  async preview(how: EngineRun): Promise<EnginePreview> {
    const { reporter, stack } = this.options;
    this.exists ||= (await this.document()) !== undefined;
    if (!this.exists) {
      await this.makeStack(how.file);
    }
    const plan = how.plan === undefined ? [] : ["--save-plan", how.plan];
    const args = ["preview", ...this.operation(how.file), ...selection(how), "--json", ...plan];
    return this.showing(`pulumi preview of stack ${stack}`, async () => {
      const end = await this.call(args, { ...previewLimits, stop: how.stop });
      if (end.exitCode !== 0) {
        throw this.failure("preview", end, errorsOfPreview(end));
      }
      const preview = parsePreview(end.stdout, end.stderr);
      preview.warnings.forEach((text) => reporter.warn(text));
      return preview;
    });
  }

  /** Reads the live systems and deploys, without another preview. */
  async up(how: EngineRun): Promise<void> {
    const plan = how.plan === undefined ? [] : ["--plan", how.plan];
    await this.change("up", how.file, [...selection(how), ...plan], how.stop);
  }

  /** Removes everything that the state records, in the live systems as well, without running the program. */
  async destroy(file: string): Promise<void> {
    await this.change("destroy", file, []);
  }

  /**
   * Changes the state alone, where the engine has no other means: removes entries, and imports objects that live, with their
   * provider and component in the state.
   */
  async editState(registrations: readonly Registration[], edit: StateEdit): Promise<void> {
    const document = await this.document();
    const edited = document === undefined ? undefined : editState(document, registrations, edit);
    if (edited !== undefined && edited !== document) {
      await this.succeed("stack import", this.stack(), { input: JSON.stringify(edited) });
    }
  }

  /** The stack's state, secrets in it encrypted; undefined when there is no such stack. */
  private async document(): Promise<StateDocument | undefined> {
    const end = await this.call(["stack", "export", ...this.stack()]);
    const failure = end.exitCode === 0 ? undefined : this.failure("stack export", end, []);
    if (failure !== undefined && failure.kind !== "noStack") {
      throw failure;
    }
    this.exists = failure === undefined;
    return failure === undefined ? parseState(end.stdout) : undefined;
  }

  /** The CLI itself would write into the project's stack file: what it makes is added to the given one. */
  private async makeStack(file: string): Promise<void> {
    const { stack } = this.options;
    await this.inProject(async (folder) => {
      const copy = join(folder, `Pulumi.${stack}.yaml`);
      await copyFile(file, copy);
      await this.succeed("stack init", [stack, "--no-select"], { folder });
      takeAdditions(copy, file);
    });
    this.exists = true;
  }

  /** An operation that changes live systems. */
  private async change(
    what: "up" | "destroy",
    file: string,
    more: readonly string[],
    stop?: AbortSignal,
  ): Promise<void> {
    const always = ["--yes", "--skip-preview", "--suppress-outputs"];
    const args = [what, ...this.operation(file), ...always, ...more];
    await this.showing(`pulumi ${what} of stack ${this.options.stack}`, async (progress) => {
      let done = 0;
      const onLine = (line: string): void => {
        this.moment();
        const said = parseUpLine(line);
        if (said !== undefined) {
          done += said.ended ? 1 : 0;
          progress.update({ done, text: `${said.name} ${said.status}` });
        }
      };
      const end = await this.call(args, { ...upLimits, onLine, stop });
      if (end.exitCode !== 0) {
        throw this.failure(what, end, errorsIn(end.stdout));
      }
    });
  }

  /** The error is told by whoever gets it. */
  private showing<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
    return withProgress(this.options.reporter, title, work, undefined, "stopped");
  }

  private stack(): string[] {
    return ["--stack", this.options.stack];
  }

  private operation(file: string): string[] {
    return [...this.stack(), "--config-file", file, "--suppress-progress"];
  }

  private async succeed(what: string, args: readonly string[], how: Partial<Run>): Promise<void> {
    const end = await this.call([...what.split(" "), ...args], how);
    if (end.exitCode !== 0) {
      throw this.failure(what, end, []);
    }
  }

  private async call(args: readonly string[], how: Partial<Run> = {}): Promise<RunEnd> {
    const { root, env, stack } = this.options;
    const runIn = (folder: string): Promise<RunEnd> =>
      run({
        ...stateLimits,
        ...how,
        executable: this.executable,
        args: [...args, "--non-interactive"],
        folder,
        env: { ...engineEnvironment(env), ...engineMark(root, stack) },
      });
    this.moment();
    const end = await (how.folder === undefined ? this.inProject(runIn) : runIn(how.folder));
    this.moment();
    return end;
  }

  private async inProject<T>(work: (folder: string) => Promise<T>): Promise<T> {
    const { root, env } = this.options;
    return inCompiledProject(root, await readProject(root, env["PULUMI_BACKEND_URL"]), work);
  }

  private failure(what: string, end: RunEnd, diagnostics: readonly string[]): EngineFailure {
    return explainFailure({ ...end, what, stack: this.options.stack, diagnostics });
  }
}

/** Targets are deployed as they are declared: a refresh would read every other resource as well. */
function selection({ targets = [], exclude = [] }: EngineRun): string[] {
  return targets.length > 0
    ? targets.flatMap((urn) => ["--target", urn])
    : [...refresh, ...exclude.flatMap((urn) => ["--exclude", urn])];
}

/** A preview that fails still prints its document, unless it did not get that far. */
function errorsOfPreview({ stdout, stderr }: RunEnd): readonly string[] {
  return stdout.trim() === "" ? [] : parsePreview(stdout, stderr).errors;
}
