import { readStackFile, withoutListed, writeStackFile } from "../../../config/stackFile";
import { killListener, KILL_VARIABLE } from "../../../drift/killPoints";
import { EXPIRE_COMMAND, expirePoint } from "../../../restorepoint/expire/expirePoint";
import type { ExpiryPlan } from "../../../restorepoint/expire/planExpiry";
import type { Reporter } from "../../../clients/reporter";
import { confirmChange } from "../../confirm";
import { closeAll, openAccess, type OpenAccess } from "../../../site/up/access";
import { chooseDeployer } from "../../../site/up/chooseDeployer";
import type { Deployer } from "../../../site/up/deployer";
import { openPointStack } from "../../../site/up/pointStack";
import { exitCode, UsageError, type ExitCode } from "../../exit";
import { documentVersion, writeDocument } from "../../print/documents";
import { createReporter } from "../../reporter";
import { openStack, type OpenStack } from "../../stack";
import { reviewExpiry, type ExpiryReview } from "./expireReview";
import { fileOf, pointLedger, releaseStore, requireCluster } from "./known";
import { settlePoint } from "./settle";

export interface ExpireOptions {
  readonly stack: string;
  readonly due: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

/** Number of the moment at which the command ends itself; for tests of the lab. */
export const KILL_EXPIRE_VARIABLE = "ATOM_KILL_EXPIRE_AT";

type Result = "removed" | "nothing" | "preview" | "declined" | "refused" | "unknown" | "waits";

/** Removes restore points, or what of them is due: previewed, asked, journalled, and repeatable after any kill. */
export async function expire(name: string | undefined, options: ExpireOptions): Promise<ExitCode> {
  if ((name === undefined) !== options.due) {
    throw new UsageError(
      name === undefined
        ? "Name a restore point, or give --due for all that is due now. Nothing was changed."
        : "Either a name or --due: --due chooses by itself. Nothing was changed.",
    );
  }
  const reporter = createReporter();
  const stack = await openPointStack(options.stack, reporter);
  const deployer = await chooseDeployer(stack, reporter);
  const access = await openAccess(stack);
  try {
    requireCluster(access, "what may be removed");
    const review = await reviewExpiry(stack, deployer, access, name);
    const run: Run = { stack, deployer, access, name, reporter };
    const { result, left } = await decide(run, review, options);
    if (options.json) {
      await writeDocument(document(stack, review, result, left));
    }
    return codeOf(result);
  } finally {
    await closeAll(access);
  }
}

interface Run {
  readonly stack: OpenStack;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  /** Undefined: all that is due. */
  readonly name: string | undefined;
  readonly reporter: Reporter;
}

interface Outcome {
  readonly result: Result;
  /** What was not removed, in sentences. */
  readonly left: readonly string[];
}

async function decide(run: Run, review: ExpiryReview, options: ExpireOptions): Promise<Outcome> {
  const { stack, deployer, reporter } = run;
  review.lines.forEach((line) => reporter.info(line));
  const end = (result: Result): Outcome => ({ result, left: [] });
  if (review.against.length > 0) {
    review.against.forEach((line) => reporter.warn(line));
    reporter.info("Nothing was changed.");
    return end(review.unknown ? "unknown" : "refused");
  }
  if (review.ready.length === 0) {
    reporter.info(
      review.plans.length > 0
        ? "Nothing can be removed now."
        : run.name === undefined
          ? "Nothing is due."
          : "Nothing was changed.",
    );
    return end(review.plans.length === 0 ? "nothing" : "waits");
  }
  if (options.dryRun) {
    reporter.info("Nothing was changed: this was a dry run.");
    return end("preview");
  }
  const how = {
    yes: options.yes,
    lab: stack.isLab,
    interactive: process.stdin.isTTY && process.stderr.isTTY,
  };
  const what = review.ready.map(({ point }) => point.name).join(", ");
  if (!(await confirmChange(`Remove this of ${what} for good? It cannot be brought back.`, how))) {
    reporter.info("Nothing was changed.");
    return end("declined");
  }
  return deployer.exclusively(async () => {
    const again = await reviewExpiry(openStack(stack.name, []), deployer, run.access, run.name);
    requireSameReview(review, again);
    return { result: "removed", left: await removeAll(run, again.ready) };
  });
}

/** @throws Error when something changed between preview and removal; nothing was removed */
function requireSameReview(shown: ExpiryReview, now: ExpiryReview): void {
  if (JSON.stringify(shown.lines) !== JSON.stringify(now.lines) || now.against.length > 0) {
    throw new Error(
      "Between preview and removal something changed; nothing was removed. Run the command again and look at the new preview.",
    );
  }
}

async function removeAll(run: Run, plans: readonly ExpiryPlan[]): Promise<readonly string[]> {
  const { stack, deployer, access, reporter } = run;
  const client = requireCluster(access, "what may be removed");
  const { site } = stack;
  const kill = killListener({ [KILL_VARIABLE]: process.env[KILL_EXPIRE_VARIABLE] });
  const left: string[] = [];
  for (const plan of plans) {
    const { name, release, consistency } = plan.point;
    const ledger = pointLedger(stack, client);
    const journal = await ledger.open(name, EXPIRE_COMMAND, { release, consistency });
    const remaining = await expirePoint(plan, fileOf(stack, name), {
      client,
      vcenter: access.vcenter.state === "open" ? access.vcenter.client : undefined,
      journal,
      reporter,
      now: () => new Date(),
      stack: stack.name,
      namespace: site.cluster.namespace,
      etcd: site.nodeBackups.etcd,
      apiTimeoutMinutes: site.virtualMachines?.apiTimeoutMinutes ?? 60,
      settle: () => settlePoint(name, { stack: stack.name, deployer, access, reporter }),
      removeRelease: () => releaseStore(stack, client).remove(name),
      unlist: () => unlist(stack, name),
      moment: (what) => kill("planned", what),
    });
    tellEnd(plan, remaining, reporter);
    left.push(...remaining);
  }
  return left;
}

function unlist({ stackFile }: OpenStack, name: string): void {
  const current = readStackFile(stackFile.path, stackFile.file);
  const text = withoutListed(current, "restorePoints", name);
  if (text !== current.text) {
    writeStackFile(stackFile.path, text);
  }
}

function tellEnd(plan: ExpiryPlan, left: readonly string[], reporter: Reporter): void {
  const { point, scope } = plan;
  reporter.info(
    scope === "point"
      ? `Restore point ${point.name} is removed; its file and its ledger stay as the record.`
      : `The VM snapshots of restore point ${point.name} are removed; the point stays with its volumes.`,
  );
  left.forEach((line) => reporter.warn(`not removed: ${line}`));
}

function document(
  stack: OpenStack,
  review: ExpiryReview,
  result: Result,
  left: readonly string[],
): Record<string, unknown> {
  return {
    version: documentVersion,
    command: EXPIRE_COMMAND,
    stack: stack.name,
    file: stack.raw.file,
    result,
    against: review.against,
    left,
    points: review.plans.map(({ point, ...plan }) => ({ point: point.name, ...plan })),
  };
}

function codeOf(result: Result): ExitCode {
  return result === "refused" || result === "unknown" ? exitCode.failed : exitCode.done;
}
