import type { ClusterClient } from "../../clients/kubernetes/client";
import type { DesiredState } from "../../engine/program/desiredState";
import type { Reporter } from "../../clients/reporter";
import { planSite } from "../../planning";
import type { SitePlan } from "../../planning/plan";
import type { Site } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { Access } from "../../clients/access";
import { checkCluster } from "./cluster";
import { checkExpiry } from "./expiry";
import { finding, stops, type Finding } from "./finding";
import { checkNodesForTake } from "./nodes";
import { checkRunningController } from "./snapshotController";
import { checkVms } from "./vms";

export type { Finding, Severity } from "./finding";
export { stops } from "./finding";

/** Whether the vCenter password could be opened; the password itself is not asked for. */
export type PasswordState =
  | { readonly state: "opened" }
  | { readonly state: "missing"; readonly why: string }
  | { readonly state: "notNeeded" };

interface PreflightQuestion {
  readonly plan: SitePlan;
  /** What would be declared; kinds and permissions follow from it. */
  readonly desired: DesiredState;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
  readonly password: PasswordState;
  readonly now: Date;
}

/**
 * Looks, before anything is touched, whether a deployment can work: the right cluster and vCenter, what they have to
 * have, and what is allowed. Reads only, and never throws for a system that does not answer.
 */
export async function preflight(question: PreflightQuestion): Promise<Finding[]> {
  const { plan, desired, cluster, vcenter, password, now } = question;
  const [inCluster, inVcenter] = await Promise.all([
    checkCluster(cluster, plan, desired, now),
    // Without a password vCenter was not asked, which is one finding and not two.
    password.state === "missing" ? [] : checkVms(vcenter, plan, now),
  ]);
  return [
    ...checkPassword(password),
    ...inCluster,
    ...inVcenter,
    ...checkWaivers(plan, now),
    ...checkExpiry(plan.site, now),
  ];
}

/**
 * The same as far as the points in state `taking` depend on it: whether the live systems can take them.
 *
 * @returns false when something stands against it
 */
export async function mayTake(
  site: Site,
  { cluster, vcenter, password }: Pick<PreflightQuestion, "cluster" | "vcenter" | "password">,
  reporter: Reporter,
): Promise<boolean> {
  const plan = planSite(site);
  const now = new Date();
  const findings = [
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
  tellFindings(findings, reporter);
  return !stops(findings);
}

/** Tells people what was found. */
export function tellFindings(findings: readonly Finding[], reporter: Reporter): void {
  for (const { severity, object, message, remedy } of findings) {
    const text = `${object}: ${message}${remedy === undefined ? "" : `\n    ${remedy}`}`;
    if (severity === "warning") {
      reporter.warn(text);
    } else {
      reporter.info(`preflight: ${severity === "error" ? "failed" : "unknown"}: ${text}`);
    }
  }
}

function checkPassword(password: PasswordState): Finding[] {
  return password.state !== "missing"
    ? []
    : [
        finding("password", "vcenterPassword", [
          "error",
          password.why,
          "Set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) so that it can be opened, or VSPHERE_PASSWORD.",
        ]),
      ];
}

function checkWaivers({ site }: SitePlan, now: Date): Finding[] {
  return site.waivers
    .filter(({ until }) => Date.parse(until) <= now.getTime())
    .map(({ rule, subject, who, until }) =>
      finding("waiver-expired", `waiver of ${rule} for ${subject}`, [
        "error",
        `The waiver that ${who} gave ended at ${until}.`,
        "Mend what it waived, or renew it in the stack file with a new until.",
      ]),
    );
}
