import type { Reporter } from "../clients/reporter";
import { labStack } from "../config/stackNames";
import { UsageError } from "../planning/errors";
import { readProject } from "./compiledProject";
import { findPulumi, oldestPulumi } from "./findPulumi";
import { endOrphans } from "./orphans";
import type { EnginePreview } from "./preview";
import type { DesiredState } from "./program/desiredState";
import { PulumiCli, type EngineRun } from "./pulumiCli";
import type { StackState } from "./stackState";
import { stackState } from "./stackState";
import { awaitStackLock } from "./stackLock";
import type { StateDocument } from "./stateDocument";
import { editState, type StateEdit } from "./stateEdit";

/** The Pulumi CLI, for one stack. All methods throw an `EngineFailure` with the CLI's own words. */
export interface Engine {
  /** For people, e.g. `pulumi v3.248.0`. */
  readonly title: string;
  /** What is recorded; empty where the stack was never deployed. @param file of the stack */
  state(file: string): Promise<StackState>;
  /**
   * What {@link up} would do; nothing live is touched. A stack that is not there yet is made, empty, in the state
   * backend; what the CLI adds to the stack file for it (`encryptionsalt`) is added to `file`.
   */
  preview(run: EngineRun): Promise<EnginePreview>;
  /** Deploys, without another preview. */
  up(run: EngineRun): Promise<void>;
  /** Removes everything that the state records, in the live systems as well, without running the program. */
  destroy(file: string): Promise<void>;
  /**
   * Changes the state alone, where the engine has no other means: removes entries, and imports objects that live, with their
   * provider and component in the state.
   */
  editState(file: string, desired: DesiredState, edit: StateEdit): Promise<void>;
}

export interface EngineOptions {
  /** Folder of Pulumi.yaml. */
  readonly root: string;
  readonly stack: string;
  /** Environment of the caller: passphrase, state backend, kubeconfig and plugin settings come from here. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly reporter: Reporter;
  /** Whether nothing is changed by it: a deployment that another process runs is not waited for then. */
  readonly readOnly?: boolean;
}

/**
 * The Pulumi CLI of this machine. For the lab alone one is built where it, or a plugin of it, is missing. What deploys
 * waits for a deployment that outlived its command.
 *
 * @throws UsageError where there is none for a real site
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const engine = await findEngine(options);
  const { root, stack, env, reporter, readOnly = false } = options;
  if (!readOnly) {
    const { name, backend } = await readProject(root, env["PULUMI_BACKEND_URL"]);
    await awaitStackLock({ url: backend?.url, project: name, stack, reporter });
    endOrphans(root, stack);
  }
  return engine;
}

async function findEngine(options: EngineOptions): Promise<Engine> {
  const { stack, env, reporter } = options;
  if (stack === labStack) {
    const { labEngine } = await import("./labEngine.js");
    const { projectDir } = await import("../lab/paths.js");
    const { pulumi, title, pathFolder } = await labEngine(projectDir(), env, reporter);
    const path = pathFolder === undefined ? {} : { PATH: `${pathFolder}:${env["PATH"] ?? ""}` };
    return new CliEngine({ ...options, env: { ...env, ...path } }, pulumi, title);
  }
  const installation = await findPulumi(env);
  if (installation === undefined) {
    throw new UsageError(
      `Stack ${stack} is a real site and is deployed through the Pulumi CLI, which is neither on PATH nor in ` +
        `~/.pulumi/bin. Install pulumi ${oldestPulumi} or later, or look at what the program declares with ` +
        `./atom preview --offline --stack ${stack}. Nothing was changed.`,
    );
  }
  return new CliEngine(options, installation.path, `pulumi v${installation.version}`);
}

class CliEngine implements Engine {
  /** Whether the stack is known to be in the state backend. */
  private exists = false;

  constructor(
    private readonly options: EngineOptions,
    private readonly executable: string,
    readonly title: string,
  ) {}

  async state(file: string): Promise<StackState> {
    return stackState(await this.document(file));
  }

  async preview(run: EngineRun): Promise<EnginePreview> {
    const cli = this.cli(run.file);
    this.exists ||= (await this.document(run.file)) !== undefined;
    if (!this.exists) {
      await cli.makeStack();
      this.exists = true;
    }
    return cli.preview(run);
  }

  async up(run: EngineRun): Promise<void> {
    await this.cli(run.file).up(run);
  }

  async destroy(file: string): Promise<void> {
    await this.cli(file).destroy();
  }

  async editState(file: string, desired: DesiredState, edit: StateEdit): Promise<void> {
    const document = await this.document(file);
    const edited = document === undefined ? undefined : editState(document, desired, edit);
    if (edited !== undefined && edited !== document) {
      await this.cli(file).importState(edited);
    }
  }

  private async document(file: string): Promise<StateDocument | undefined> {
    const document = await this.cli(file).exportState();
    this.exists = document !== undefined;
    return document;
  }

  private cli(configFile: string): PulumiCli {
    const { root: folder, stack, env, reporter } = this.options;
    return new PulumiCli({ executable: this.executable, folder, stack, configFile, reporter, env });
  }
}
