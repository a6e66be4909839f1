import { planAlerts } from "./alerts";
import { backendOf, backendIds, requestOf } from "./backends/registry";
import type { SitePlan, SurvivalTable } from "./plan";
import { planRestorePoints } from "./restorePoints";
import type { Site } from "./site";
import { planSnapshotController } from "./snapshotController";
import { survivalTable } from "./survival/table";
import { planTopology } from "./topology";
import { planVelero } from "./veleroBackup";

export { checkSite } from "./checks/check";
export { backendIds, backendOf };
export { labels, ownerMark, parseOwnerMark, snapshotName, memberResourceName } from "./names";
export type { OwnerMark } from "./names";
export { planRestorePoints, planTopology, survivalTable };
export { defaultSurvive, isPromised } from "./survival/promise";

/** What a site survives, also with fewer nodes than it was accepted with. */
export function survivalOf(site: Site): SurvivalTable {
  return survivalTable(backendOf(site.backend), requestOf(site));
}

/** The whole plan of an accepted site: a pure function, so the same site has the same plan on every machine. */
export function planSite(site: Site): SitePlan {
  const backend = backendOf(site.backend);
  const request = requestOf(site);
  const failover = backend.failover(request);
  if ("refused" in failover) {
    throw new Error(`failover: ${failover.refused.message}: check a site before it is planned.`);
  }
  const groupSnapshotClass =
    site.snapshots.group === "never" ? undefined : backend.groupSnapshotClass(request);
  const snapshotClass = backend.snapshotClass(request);
  return {
    site,
    topology: request.topology,
    classes: site.classes.map((spec) => backend.storageClass(request, spec)),
    snapshotClass,
    groupSnapshotClass,
    snapshotController: planSnapshotController(site, groupSnapshotClass !== undefined),
    companions: backend.companions(request),
    velero: planVelero(site, snapshotClass),
    alerts: planAlerts(site),
    failover,
    survival: survivalTable(backend, request),
    restorePoints: planRestorePoints(site),
    raise: backend.raiseFactor(request),
  };
}
