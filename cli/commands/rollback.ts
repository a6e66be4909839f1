import { resolve } from "node:path";

import { writeAtomically } from "../../config/atomicFile";
import { requirePointName } from "../../restorepoint/pointStack";
import { purgeKept } from "../../restorepoint/rollback/purge";
import { previewRollback, rollBack } from "../../restorepoint/rollback/rollBack";
import { ROLLBACK_COMMAND, type RollbackPlan } from "../../restorepoint/rollback/types";
import { exitCode, UsageError, type ExitCode } from "../../site/exit";
import { printAnswer } from "../print/answer";
import { writeDocument } from "../print/documents";
import { rollbackLines, rollbackPage } from "../print/rollback";
import { withSystems } from "./restorePoint/systems";

interface RollbackOptions {
  readonly stack: string;
  readonly preview: boolean;
  readonly undo: boolean;
  readonly purge: boolean;
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
  const { undo, purge, preview, degraded, change, out, json } = options;
  if (name === undefined ? !undo : purge && (undo || preview)) {
    throw new UsageError(
      name === undefined
        ? "Name a restore point, or give --undo for the newest rollback. Nothing was changed."
        : "--purge goes with neither --undo nor --preview. Nothing was changed.",
    );
  }
  if (name !== undefined) {
    requirePointName(name);
  }
  if (out !== undefined && !preview) {
    throw new UsageError("--out writes the preview: give --preview, too. Nothing was changed.");
  }
  return withSystems(options.stack, options.yes, async (systems) => {
    const { stack } = systems;
    if (purge && name !== undefined) {
      const { state, volumes } = await purgeKept(name, systems);
      if (json) {
        await writeDocument(`${ROLLBACK_COMMAND} --purge`, stack, { result: state, volumes });
      }
      return state === "refused" ? exitCode.failed : exitCode.done;
    }
    const wish = { name, direction: undo ? ("undo" as const) : ("back" as const), degraded };
    const tell = (plan: RollbackPlan): void => printAnswer(rollbackLines(plan, stack.name));
    if (preview) {
      const plan = await previewRollback(wish, systems);
      if (out !== undefined) {
        writeAtomically(resolve(out), rollbackPage(plan, stack.name, new Date()));
      }
      await (json
        ? writeDocument(ROLLBACK_COMMAND, stack, { result: "preview", ...plan })
        : tell(plan));
      return plan.refusals.length > 0 ? exitCode.failed : exitCode.done;
    }
    const { state, plan } = await rollBack(
      { ...wish, change, timeoutSeconds: options.timeout },
      systems,
      json ? () => undefined : tell,
    );
    if (json) {
      await writeDocument(ROLLBACK_COMMAND, stack, { result: state, ...plan });
    }
    return state === "refused" ? exitCode.failed : exitCode.done;
  });
}
