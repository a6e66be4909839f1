import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DesiredState } from "./program/desiredState";
import type { DeployedState, Step } from "../drift/types";
import type { Reporter } from "../clients/reporter";
import { EngineFailure } from "./failure";
import type { EnginePreview } from "./previewDigest";
import { samePreview } from "./previewDigest";
import { describeEngineStep, unconfirmed } from "./previewLines";
import { PulumiCli } from "./pulumiCli";
import type { RepairPlan } from "./repairPlan";
import { planRepair, providersToMake, repairOf } from "./repairPlan";
import { isNeeded, repairState } from "./repairState";
import { makeShadowState } from "./shadowState";
import type { StateDocument } from "./stateDocument";
import { planRemoval } from "./removal";
import type { Watch } from "./watched";
import { watched } from "./watched";
import { deployedState, entriesOf, secretsProvider } from "./stateDocument";

export interface EngineDeploymentOptions {
  /** Absolute path of the CLI, from `findPulumi`. */
  readonly executable: string;
  /** Folder of Pulumi.yaml. */
  readonly folder: string;
  readonly stack: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly reporter: Reporter;
}

/** What was planned from the live systems, and what it was planned for. */
export interface Confirmed {
  readonly desired: DesiredState;
  readonly steps: readonly Step[];
}

const noState: StateDocument = { version: 3, deployment: { manifest: {}, resources: [] } };

/**
 * A deployment through the Pulumi CLI: {@link load}, then {@link check} for what has to be confirmed, then
 * {@link apply} for exactly that.
 */
export class EngineDeployment {
  /** What the engine itself would do, as it was shown for confirmation, and the steps that it was shown for. */
  private shown: { readonly steps: string; readonly preview: EnginePreview } | undefined;

  constructor(private readonly options: EngineDeploymentOptions) {}

  /** What the stack's state records; nothing when there is no such stack yet. `file` is the stack file. */
  async load(file: string): Promise<DeployedState> {
    return deployedState((await this.cli(file).exportState()) ?? noState);
  }

  /**
   * Lets the engine preview the steps, on a state that is repaired as {@link apply} would repair it. Where the state
   * has to change for that, it is a copy of it: neither the stack nor the live systems are touched.
   *
   * @param file copy of the stack file; the CLI may write into it
   * @returns lines for people: what the engine would do beyond the steps
   */
  async check(file: string, { desired, steps }: Confirmed): Promise<readonly string[]> {
    const document = await this.cli(file).exportState();
    const plan = planRepair(document ?? noState, steps);
    let preview: EnginePreview;
    if (document !== undefined && !repairs(document, plan)) {
      preview = await this.cli(file).preview();
    } else if (this.canShadow(document)) {
      preview = await this.previewShadow(file, desired, document, plan);
    } else {
      return [
        "The stack's state is brought up to date first; pulumi previews after that, and nothing is deployed if " +
          "it would do more than is shown here.",
      ];
    }
    this.shown = { steps: keyOf(steps), preview };
    return unconfirmed(preview, steps).map((step) => `pulumi also: ${describeEngineStep(step)}`);
  }

  /**
   * Repairs the state, previews once more, and deploys only if the engine would do what was shown. An update plan
   * keeps the deployment itself to that preview.
   *
   * @param watch what sees earlier than the engine that it waits in vain
   * @throws EngineFailure when anything else would happen; nothing live was changed then. Also when the watch ends the
   *   deployment, with its reason
   */
  async apply(file: string, { desired, steps }: Confirmed, watch?: Watch): Promise<void> {
    const cli = this.cli(file);
    await cli.ensureStack();
    const document = (await cli.exportState()) ?? noState;
    await prepare(cli, desired, planRepair(document, steps));
    const folder = await mkdtemp(join(tmpdir(), "atom-plan-"));
    try {
      const updatePlan = join(folder, "plan.json");
      const title = `pulumi preview of stack ${this.options.stack}, once more before it deploys`;
      const preview = await cli.preview({ plan: updatePlan }, title);
      this.requireConfirmed(preview, steps);
      await watched(watch, (stop) =>
        cli.up({ plan: updatePlan, ...(stop === undefined ? {} : { stop }) }),
      );
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Brings live objects into the stack's state and touches nothing live. Where nothing else is left to deploy, the
   * engine then settles its own bookkeeping (components, outputs), so that its next preview is empty.
   */
  async adopt(file: string, { desired, steps }: Confirmed): Promise<void> {
    const cli = this.cli(file);
    await cli.ensureStack();
    const document = (await cli.exportState()) ?? noState;
    await prepare(cli, desired, planRepair(document, steps));
    const known = new Set(entriesOf((await cli.exportState()) ?? noState).map(({ urn }) => urn));
    if (desired.registrations.some(({ urn, custom }) => custom && !known.has(urn))) {
      return;
    }
    const folder = await mkdtemp(join(tmpdir(), "atom-plan-"));
    try {
      const updatePlan = join(folder, "plan.json");
      const preview = await cli.preview({ plan: updatePlan });
      if (unconfirmed(preview, []).length === 0) {
        await cli.up({ plan: updatePlan });
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /**
   * Takes what stays out of the state, so that the engine does not know it any more, then destroys the rest: exactly
   * what the steps delete, and the engine's own entries.
   *
   * @throws EngineFailure when the state holds anything else; nothing was changed then
   */
  async remove(file: string, steps: readonly Step[]): Promise<void> {
    const cli = this.cli(file);
    const document = await cli.exportState();
    if (document === undefined) {
      return;
    }
    const repair = planRemoval(document, steps);
    if (isNeeded(document, repair)) {
      await cli.importState(repairState(document, repair));
    }
    await cli.destroy();
  }

  private requireConfirmed(preview: EnginePreview, steps: readonly Step[]): void {
    // What was shown for other steps says nothing of these: a cut that failed is taken back with steps of its own.
    const same =
      this.shown?.steps === keyOf(steps)
        ? samePreview(this.shown.preview, preview)
        : unconfirmed(preview, steps).length === 0;
    if (!same) {
      const now = preview.steps.map((step) => `\n  ${describeEngineStep(step)}`).join("");
      throw new EngineFailure(
        "failed",
        "Between preview and apply something else changed, and pulumi would now do something that was not " +
          `confirmed. Nothing was deployed; run the command again. It would:${now === "" ? " nothing" : now}`,
      );
    }
  }

  private async previewShadow(
    file: string,
    desired: DesiredState,
    document: StateDocument | undefined,
    plan: RepairPlan,
  ): Promise<EnginePreview> {
    const { stack } = this.options;
    const shadow = await makeShadowState({ project: desired.project, stack, configFile: file });
    try {
      const cli = this.cli(file, shadow.backendUrl);
      await cli.ensureStack(shadow.projectFolder);
      if (document !== undefined) {
        await cli.importState(document, shadow.projectFolder);
      }
      await prepare(cli, desired, plan, shadow.projectFolder);
      const title = `pulumi preview of stack ${stack} on a copy of its state`;
      return await cli.preview({}, title);
    } finally {
      await shadow.remove();
    }
  }

  /** A copy of the state in a folder can only be opened with a passphrase, not with a key of another service. */
  private canShadow(document: StateDocument | undefined): boolean {
    const { env } = this.options;
    const passphrase = env["PULUMI_CONFIG_PASSPHRASE"] ?? env["PULUMI_CONFIG_PASSPHRASE_FILE"];
    return document === undefined
      ? passphrase !== undefined
      : secretsProvider(document) === "passphrase";
  }

  private cli(configFile: string, backendUrl?: string): PulumiCli {
    const { env } = this.options;
    return new PulumiCli({
      ...this.options,
      configFile,
      env: backendUrl === undefined ? env : { ...env, PULUMI_BACKEND_URL: backendUrl },
    });
  }
}

function keyOf(steps: readonly Step[]): string {
  return JSON.stringify(steps.map(({ kind, urn, id }) => [kind, urn, id]).sort());
}

function repairs(document: StateDocument, { drop, adopt }: RepairPlan): boolean {
  return adopt.length > 0 || isNeeded(document, { drop, add: [], forgetPendingCreations: true });
}

/** Brings the stack's state to what the engine can refresh and deploy from. */
async function prepare(
  cli: PulumiCli,
  desired: DesiredState,
  plan: RepairPlan,
  folder?: string,
): Promise<void> {
  let document = (await cli.exportState()) ?? noState;
  let rest = plan;
  const providers = providersToMake(document, desired, plan);
  if (providers.length > 0) {
    const dropping = { drop: plan.drop, add: [], forgetPendingCreations: true };
    if (isNeeded(document, dropping)) {
      await cli.importState(repairState(document, dropping), folder);
    }
    await cli.up({ targets: providers });
    document = (await cli.exportState()) ?? noState;
    rest = { ...plan, drop: [] };
  }
  const repair = repairOf(document, desired, rest);
  if (isNeeded(document, repair)) {
    await cli.importState(repairState(document, repair), folder);
  }
}
