import type { Engine } from "../../../engine/engine";
import { openEngine } from "../../../engine/openEngine";
import type { Reporter } from "../../../clients/reporter";
import type { PointSystems } from "../../../restorepoint/pointStack";
import { closeAll, openAccess, type OpenAccess } from "../../../site/up/access";
import { confirmChange } from "../../confirm";
import { interruption } from "../../interruption";
import { createReporter } from "../../reporter";
import { openStack, type OpenStack } from "../../../site/stack";

/** What every command on restore points works with. */
export interface OpenSystems extends PointSystems {
  readonly stack: OpenStack;
  readonly access: OpenAccess;
  readonly engine: () => Promise<Engine>;
}

/**
 * Opens a stack's live systems for a command that changes points, and closes them after it.
 *
 * @param named the stack as it was opened, or its name: then the lab is started with its product
 */
export async function withSystems<T>(
  named: string | OpenStack,
  yes: boolean,
  work: (systems: OpenSystems) => Promise<T>,
): Promise<T> {
  const reporter = createReporter();
  const stack = typeof named === "string" ? await openPointStack(named, reporter) : named;
  const access = await openAccess(stack);
  const stop = interruption(reporter);
  try {
    return await work({
      stack,
      access,
      cluster: access.cluster,
      vcenter: access.vcenter,
      reporter,
      signal: stop.signal,
      ask: (question) => confirmChange(question, { yes, lab: stack.isLab }),
      engine: () => openEngine({ root: stack.root, stack: stack.name, env: process.env, reporter }),
    });
  } finally {
    stop.end();
    await closeAll(access);
  }
}

/** The lab is started with its data plane. */
async function openPointStack(name: string, reporter: Reporter): Promise<OpenStack> {
  const stack = openStack(name, []);
  if (!stack.isLab) {
    return stack;
  }
  const { startLab } = await import("../../startLab.js");
  const { ensureProduct } = await import("../../../lab/product.js");
  const opened = await startLab(stack, [], reporter, ["cluster", "vcenter", "data"]);
  await ensureProduct(opened.root, reporter);
  return opened;
}
