import type { ClusterClient } from "../../../clients/kubernetes/client";
import { CREATE, finishTake, isUnfinished } from "../../../restorepoint/finishTake";
import { readProductVolumes } from "../../../restorepoint/productVolumes";
import type { Reporter } from "../../../clients/reporter";
import type { RestorePointFile } from "../../../planning/site";
import { confirmChange, type Confirmation } from "../../confirm";
import type { Deployer } from "../../../site/up/deployer";
import type { OpenStack } from "../../stack";
import { claimLabeller, pointLedger } from "./pointLedger";
import { quiesceOf } from "./quiesceOf";

export interface FinishOptions {
  readonly stack: OpenStack;
  readonly client: ClusterClient;
  readonly deployer: Deployer;
  readonly reporter: Reporter;
  readonly how: Confirmation;
}

/**
 * What `create` does about a point that is ready: nothing, unless the run that cut it was killed before it had started
 * the product again and taken its labels off the claims.
 */
export async function finish(point: RestorePointFile, options: FinishOptions): Promise<void> {
  const { stack, client, deployer, reporter, how } = options;
  const { name, release, consistency, takenAt = "" } = point;
  const ledger = pointLedger(stack, client);
  if (!isUnfinished(await ledger.read(name))) {
    reporter.info(`Restore point ${name} was cut at ${takenAt}; nothing was changed.`);
    return;
  }
  reporter.info(
    `Restore point ${name} was cut at ${takenAt} and is whole, but the run that cut it was interrupted: the product is ` +
      "started again where it is stopped, and the labels on its claims are taken off.",
  );
  if (!(await confirmChange(`Finish restore point ${name} of stack ${stack.name}?`, how))) {
    reporter.info("Nothing was changed.");
    return;
  }
  await deployer.exclusively(async () => {
    const journal = await ledger.open(name, CREATE, { release, consistency });
    const volumes = await readProductVolumes(client, stack.site);
    const { site } = stack;
    const quiesce = await quiesceOf({ client, site, point, volumes, journal, reporter });
    await finishTake(point, quiesce, { journal, labelClaims: claimLabeller(client, point) });
  });
  reporter.info(`Restore point ${name} is finished.`);
}
