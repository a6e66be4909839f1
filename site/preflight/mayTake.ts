import type { Reporter } from "../../clients/reporter";
import { planSite } from "../../planning";
import type { Site } from "../../planning/site";
import type { OpenAccess } from "../up/access";
import { stops, type Finding } from "./finding";
import { checkPassword, checkWaivers } from "./preflight";
import { checkNodesForTake } from "./nodes";
import { checkRunningController } from "./runningController";
import { checkVms } from "./vms";

/**
 * Looks whether the live systems can take the site's points that are in state `taking`, and tells what it found.
 *
 * @returns false when something stands against it
 */
export async function mayTake(
  site: Site,
  { cluster, vcenter, password }: OpenAccess,
  reporter: Reporter,
): Promise<boolean> {
  const plan = planSite(site);
  const now = new Date();
  const findings: readonly Finding[] = [
    ...checkPassword(password),
    ...(cluster.state === "open"
      ? [
          ...(await checkRunningController(cluster.client, plan, now)),
          ...(await checkNodesForTake(cluster.client, plan)),
        ]
      : []),
    ...(password.state === "missing" ? [] : await checkVms(vcenter, plan, now)),
    ...checkWaivers(plan, now),
  ];
  for (const { severity, object, message, remedy } of findings) {
    const text = `${object}: ${message}${remedy === undefined ? "" : `\n    ${remedy}`}`;
    if (severity === "warning") {
      reporter.warn(text);
    } else {
      reporter.info(`preflight: ${severity === "error" ? "failed" : "cannot tell"}: ${text}`);
    }
  }
  return !stops(findings);
}
