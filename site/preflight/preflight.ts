import { stackOption } from "../../config/stackNames";
import type { Reporter } from "../../clients/reporter";
import type { DesiredState } from "../../engine/program/desiredState";
import { planSite } from "../../planning";
import { decideDue, vmsAge } from "../../planning/expiry";
import type { SitePlan } from "../../planning/plan";
import type { Site } from "../../planning/site";
import { recordOf } from "../../restorepoint/knownPoints";
import type { OpenAccess } from "../up/access";
import { checkCluster, checkNodesForTake } from "./cluster";
import { finding, stops, tellFindings, type Finding } from "./finding";
import { judgeDeclared, waive } from "./rules/judge";
import { checkRunningController } from "./snapshotController";
import { checkVms } from "./vms";

interface PreflightQuestion extends OpenAccess {
  readonly plan: SitePlan;
  /** What would be declared; kinds and permissions follow from it. */
  readonly desired: DesiredState;
  readonly now: Date;
}

/**
 * Looks, before anything is touched, whether a deployment can work: the right cluster and vCenter, what they have to
 * have, and what is allowed. Reads only, and never throws for a system that does not answer.
 */
export async function preflight(question: PreflightQuestion): Promise<Finding[]> {
  const { plan, desired, cluster, now } = question;
  const [inCluster, inVcenter] = await Promise.all([
    checkCluster(cluster, plan, desired, now),
    checkVcenter(question, plan, now),
  ]);
  const found = [...judgeDeclared(plan, desired.registrations), ...inCluster, ...inVcenter];
  return [
    ...waive(found, plan.site, now),
    ...checkWaivers(plan.site, now),
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
  systems: OpenAccess,
  reporter: Reporter,
): Promise<boolean> {
  const { cluster } = systems;
  const plan = planSite(site);
  const now = new Date();
  const asked = [
    ...(cluster.state === "open"
      ? [
          ...(await checkRunningController(cluster.client, plan, now)),
          ...(await checkNodesForTake(cluster.client, plan)),
        ]
      : []),
    ...(await checkVcenter(systems, plan, now)),
  ];
  const found = [...waive(asked, site, now), ...checkWaivers(site, now)];
  tellFindings(found, reporter);
  return !stops(found);
}

/** Without a password vCenter was not asked, which is one finding and not two. */
async function checkVcenter(
  { vcenter, noPassword }: OpenAccess,
  plan: SitePlan,
  now: Date,
): Promise<Finding[]> {
  return noPassword === undefined
    ? checkVms(vcenter, plan, now)
    : [
        finding("password", "vcenterPassword", [
          "error",
          noPassword,
          "Set PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE) so that it can be opened, or VSPHERE_PASSWORD.",
        ]),
      ];
}

function checkWaivers({ waivers }: Site, now: Date): Finding[] {
  return waivers
    .filter(({ until }) => Date.parse(until) <= now.getTime())
    .map(({ rule, subject, who, until }) =>
      finding("waiver-expired", `waiver of ${rule} for ${subject}`, [
        "error",
        `The waiver that ${who} gave ended at ${until}.`,
        "Mend what it waived, or renew it in the stack file with a new until.",
      ]),
    );
}

/**
 * VM snapshots that should have ended: chains grow and storage fills up. By the files alone, so that `--due` may keep one
 * of them after all.
 */
export function checkExpiry(site: Site, now: Date): Finding[] {
  const { restorePoints, retention, stack } = site;
  const facts = { provenAt: undefined, broken: false, remaining: [], unfinished: false };
  const hours = site.virtualMachines?.maxAgeHours;
  const option = stackOption(stack);
  const points = restorePoints.map((file) => recordOf(site, file));
  const old = points.flatMap((point) => {
    const age = vmsAge(point, points, site.virtualMachines, now);
    return age?.state === "flagged"
      ? [
          finding("vms-old", `restore point ${point.name}`, [
            "warning",
            `Its VM snapshots are older than virtualMachines.flagAgeHours and end at ${age.end}.`,
            `./atom schedule run --due${option} removes them then.`,
          ]),
        ]
      : [];
  });
  const due = decideDue(points, () => facts, retention, hours, now).map(({ name, scope, reason }) =>
    finding("point-due", `restore point ${name}`, [
      "warning",
      scope === "point" ? `It is due to be removed: ${reason}.` : `Of it is due: ${reason}.`,
      `./atom restore-point expire --due${option} removes what no rule keeps; --dry-run shows it first.`,
    ]),
  );
  return [...old, ...due];
}
