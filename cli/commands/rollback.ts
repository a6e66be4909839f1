import { resolve } from "node:path";

import { writeAtomically } from "../../config/atomicFile";
import { requirePointName } from "../../restorepoint/pointStack";
import type { VmPlan } from "../../restorepoint/rollback/planVms";
import { purgeKept } from "../../restorepoint/rollback/purge";
import { nodesReady, previewVms, revertVms } from "../../restorepoint/rollback/revertVms";
import { previewEtcd, restoreEtcd } from "../../restorepoint/rollback/restoreEtcd";
import { previewRollback, rollBack } from "../../restorepoint/rollback/rollBack";
import { ROLLBACK_COMMAND, type RollbackPlan } from "../../restorepoint/rollback/types";
import { exitCode, UsageError, type ExitCode } from "../../site/exit";
import { printAnswer } from "../print/answer";
import { writeDocument } from "../print/documents";
import { rollbackLines, rollbackPage, type Procedure } from "../print/rollback";
import { withSystems, type OpenSystems } from "./restorePoint/systems";

interface RollbackOptions {
  readonly stack: string;
  readonly preview: boolean;
  readonly undo: boolean;
  readonly purge: boolean;
  readonly vms: boolean;
  readonly vmsOnly: boolean;
  readonly etcd: boolean;
  readonly degraded: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  readonly out?: string;
  readonly change?: string;
  /** Seconds that every wait may take; default 600. */
  readonly timeout?: number;
}

/** Goes back to a restore point, shows what that would do, undoes it, or ends what it has kept. */
export async function rollback(
  name: string | undefined,
  options: RollbackOptions,
): Promise<ExitCode> {
  const { undo, purge, preview, out } = options;
  if (name === undefined ? !undo : purge && (undo || preview)) {
    throw new UsageError(
      name === undefined
        ? "Name a restore point, or give --undo for the newest rollback. Nothing was changed."
        : "--purge goes with neither --undo nor --preview. Nothing was changed.",
    );
  }
  if ([undo, purge, options.etcd, revertsVms(options)].filter(Boolean).length > 1) {
    throw new UsageError(
      "--undo, --purge, --etcd, and --vms or --vms-only are given alone: a VM that was reverted has no way back. Nothing was changed.",
    );
  }
  if (name !== undefined) {
    requirePointName(name);
  }
  if (out !== undefined && !preview) {
    throw new UsageError("--out writes the preview: give --preview, too. Nothing was changed.");
  }
  return withSystems(options.stack, options.yes, (systems) =>
    purge
      ? purgeAll(name ?? "", options, systems)
      : preview
        ? show(name, options, systems)
        : go(name, options, systems),
  );
}

async function purgeAll(
  name: string,
  { json }: RollbackOptions,
  systems: OpenSystems,
): Promise<ExitCode> {
  const { state, volumes } = await purgeKept(name, systems);
  if (json) {
    const fields = { result: state, volumes };
    await writeDocument(`${ROLLBACK_COMMAND} --purge`, systems.stack, fields);
  }
  return state === "refused" ? exitCode.failed : exitCode.done;
}

const revertsVms = ({ vms, vmsOnly }: RollbackOptions): boolean => vms || vmsOnly;

const wishOf = (name: string | undefined, { undo, degraded }: RollbackOptions) => ({
  name,
  direction: undo ? ("undo" as const) : ("back" as const),
  degraded,
});

async function show(
  name: string | undefined,
  options: RollbackOptions,
  systems: OpenSystems,
): Promise<ExitCode> {
  const { stack } = systems;
  const { vmsOnly, etcd, json, out } = options;
  const vms = etcd
    ? await previewEtcd(name ?? "", systems)
    : revertsVms(options)
      ? await previewVms(name ?? "", systems)
      : undefined;
  const isAll = !vmsOnly && !etcd;
  const plan = isAll ? await previewRollback(wishOf(name, options), systems) : undefined;
  const plans: readonly Procedure[] = [vms ?? [], plan ?? []].flat();
  if (out !== undefined) {
    writeAtomically(resolve(out), rollbackPage(plans, stack.name, new Date()));
  }
  if (json) {
    await writeDocument(ROLLBACK_COMMAND, stack, documentOf("preview", plan, vms));
  } else {
    plans.forEach((one) => printAnswer(rollbackLines(one, stack.name)));
  }
  return plans.some(({ refusals }) => refusals.length > 0) ? exitCode.failed : exitCode.done;
}

async function go(
  name: string | undefined,
  options: RollbackOptions,
  systems: OpenSystems,
): Promise<ExitCode> {
  const { stack } = systems;
  const { vmsOnly, etcd, change, json } = options;
  const tell = (plan: Procedure): void => {
    if (!json) {
      printAnswer(rollbackLines(plan, stack.name));
    }
  };
  let vms: VmPlan | undefined;
  if (etcd || revertsVms(options)) {
    const revert = etcd ? restoreEtcd : revertVms;
    const reverted = await revert(name ?? "", systems, tell);
    vms = reverted.plan;
    if (vmsOnly || etcd || reverted.state === "refused" || reverted.state === "declined") {
      if (json) {
        await writeDocument(ROLLBACK_COMMAND, stack, documentOf(reverted.state, undefined, vms));
      }
      return reverted.state === "refused" ? exitCode.failed : exitCode.done;
    }
    await nodesReady(systems);
  }
  const request = { ...wishOf(name, options), change, timeoutSeconds: options.timeout };
  const { state, plan } = await rollBack(request, systems, tell);
  if (json) {
    await writeDocument(ROLLBACK_COMMAND, stack, documentOf(state, plan, vms));
  }
  return state === "refused" ? exitCode.failed : exitCode.done;
}

function documentOf(
  result: string,
  plan: RollbackPlan | undefined,
  vms: VmPlan | undefined,
): Readonly<Record<string, unknown>> {
  return { result, ...plan, ...(vms === undefined ? {} : { virtualMachines: vms }) };
}
