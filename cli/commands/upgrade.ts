import { requirePointName } from "../../restorepoint/pointStack";
import { rollBack } from "../../restorepoint/rollback/rollBack";
import { beginUpgrade, commitUpgrade, heldPoint, upgradePoint } from "../../restorepoint/upgrade";
import { exitCode, type ExitCode } from "../../site/exit";
import { mayTake } from "../../site/preflight/preflight";
import { stackOption } from "../../config/stackNames";
import { printAnswer } from "../print/answer";
import { rollbackLines } from "../print/rollback";
import { judgePoint, verificationLines } from "../print/verification";
import { withSystems } from "./restorePoint/systems";

interface UpgradeOptions {
  readonly stack: string;
  readonly yes: boolean;
}

/** Checks, takes the point `pre-RELEASE` and verifies it: 0 only when all of that is so. */
export async function begin(release: string, options: UpgradeOptions): Promise<ExitCode> {
  requirePointName(upgradePoint(release));
  return withSystems(options.stack, options.yes, async (systems) => {
    const { stack, access, reporter } = systems;
    const preflight = (site: typeof stack.site): Promise<boolean> =>
      mayTake(site, access, reporter);
    const { name, verified } = await beginUpgrade(release, { ...systems, preflight });
    if (verified === undefined) {
      reporter.info("The upgrade may not begin: there is no point to go back to.");
      return exitCode.failed;
    }
    const judgement = judgePoint(name, verified.verification, true);
    printAnswer(verificationLines(verified.verification, judgement));
    const isProven = judgement.result !== "failed";
    const option = stackOption(stack.name);
    printAnswer([
      isProven
        ? `Upgrade to ${release} now. Then ./atom upgrade commit${option}, or ./atom upgrade abort${option} to go back to ${name}.`
        : `The upgrade may not begin: ${name} does not lead back.`,
    ]);
    return isProven ? exitCode.done : exitCode.failed;
  });
}

/** The upgrade stays: its point may end. */
export async function commit(options: UpgradeOptions): Promise<ExitCode> {
  return withSystems(options.stack, options.yes, async (systems) => {
    const { name } = await heldPoint(systems);
    if (
      !(await systems.ask(`Let ${name} end in some days? Until then you can still go back to it.`))
    ) {
      systems.reporter.info("Nothing was changed.");
      return exitCode.done;
    }
    const { expires } = await commitUpgrade(systems);
    printAnswer([`Restore point ${name} may end from ${expires} on.`]);
    return exitCode.done;
  });
}

/** The upgrade does not stay: back to its point, which stays on hold. */
export async function abort(options: UpgradeOptions): Promise<ExitCode> {
  return withSystems(options.stack, options.yes, async (systems) => {
    const { name } = await heldPoint(systems);
    const { state } = await rollBack(
      { name, direction: "back", degraded: false },
      systems,
      (plan) => printAnswer(rollbackLines(plan, systems.stack.name)),
    );
    return state === "refused" ? exitCode.failed : exitCode.done;
  });
}
