import { planSite } from "../../planning/index";
import { preflight, stops, type Finding } from "../preflight/preflight";
import type { Reporter } from "../../clients/reporter";
import type { OpenStack } from "../../cli/stack";
import type { OpenAccess } from "./access";
import type { Review } from "./review";
import type { Situation } from "./situation";

/** Asks the live systems whether they can take what is planned. */
export function findingsFor(
  { site, desired }: Situation,
  { cluster, vcenter, password }: OpenAccess,
  now: Date,
): Promise<Finding[]> {
  return preflight({ plan: planSite(site), desired, cluster, vcenter, password, now });
}

/**
 * Checks, before anything is asked, whether the live systems can take what is planned.
 *
 * @returns false when something fails or could not be told; nothing was touched
 */
export async function checkFirst(
  stack: OpenStack,
  { situation }: Review,
  access: OpenAccess,
  now: Date,
  reporter: Reporter,
): Promise<boolean> {
  const findings = await findingsFor(situation, access, now);
  for (const { severity, object, message, remedy } of findings) {
    const text = `${object}: ${message}${remedy === undefined ? "" : `\n    ${remedy}`}`;
    if (severity === "warning") {
      reporter.warn(text);
    } else {
      reporter.info(`preflight: ${severity === "error" ? "failed" : "cannot tell"}: ${text}`);
    }
  }
  const stopped = stops(findings);
  if (stopped) {
    reporter.info(`Nothing was changed on stack ${stack.name}.`);
  }
  return !stopped;
}
