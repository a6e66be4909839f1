import type { Reporter } from "../clients/reporter";
import type { Engine } from "../engine/engine";
import { openEngine } from "../engine/openEngine";
import { labEnv } from "../lab/environment";
import { readLabRecord } from "../lab/record";
import { isStopped, type Action } from "../site/action";
import { UnknownError } from "../planning/errors";
import { openStack, type OpenStack } from "../site/stack";
import { closeAll, openAccess, type OpenAccess } from "../site/up/access";
import { loadProgram } from "../site/up/reading";
import { confirmChange } from "./confirm";

/**
 * Lets this process reach the lab of the checkout: kubeconfig, vCenter and passphrase, as `lab env` prints them.
 *
 * @throws UnknownError when there is no lab yet
 */
export function enterLab(root: string): void {
  const record = readLabRecord(root);
  if (record === undefined) {
    throw new UnknownError(
      "Unknown: the lab was never started in this checkout. Run ./atom up, or look at what the program " +
        "declares with ./atom preview --offline.",
    );
  }
  Object.assign(process.env, labEnv(root, record));
}

/**
 * Opens a stack for a command that reads live systems; the lab has to run.
 *
 * @throws UnknownError where the lab was never started
 */
export function openLive(name: string): OpenStack {
  const stack = openStack(name, []);
  if (stack.isLab) {
    enterLab(stack.root);
  }
  return stack;
}

/**
 * Opens engine, cluster and vCenter of a stack for some work, and closes them after it; the program is loaded meanwhile.
 *
 * @param readOnly whether the engine only reads
 */
export async function withLive<T>(
  stack: OpenStack,
  reporter: Reporter,
  { readOnly = false }: { readonly readOnly?: boolean },
  work: (engine: Engine, access: OpenAccess) => Promise<T>,
): Promise<T> {
  const { root, name } = stack;
  const engine = await openEngine({ root, stack: name, env: process.env, reporter, readOnly });
  return withAccess(stack, (access) => work(engine, access));
}

/** Opens cluster and vCenter alone. */
export async function withAccess<T>(
  stack: Pick<OpenStack, "site" | "stackFile">,
  work: (access: OpenAccess) => Promise<T>,
): Promise<T> {
  const [access] = await Promise.all([openAccess(stack), loadProgram()]);
  try {
    return await work(access);
  } finally {
    await closeAll(access);
  }
}

/** Asks before a change, and says so where it is declined. */
export async function mayChange(
  question: string,
  { isLab: lab }: OpenStack,
  { yes = false }: { readonly yes?: boolean },
  reporter: Reporter,
): Promise<boolean> {
  const confirmed = await confirmChange(question, { yes, lab });
  if (!confirmed) {
    reporter.info("Nothing was changed.");
  }
  return confirmed;
}

/** Why `adopt` or `down` does not do these actions, which is said; undefined when it may. */
export async function stoppedBy(
  actions: readonly Action[],
  ...[question, stack, options, reporter]: Parameters<typeof mayChange>
): Promise<"unknown" | "blocked" | "declined" | undefined> {
  if (isStopped(actions)) {
    reporter.warn("Nothing was changed: see what is blocked or could not be read above.");
    return actions.some(({ kind }) => kind === "unknown") ? "unknown" : "blocked";
  }
  return (await mayChange(question, stack, options, reporter)) ? undefined : "declined";
}
