import { backendOf, backendIds } from "./backends/registry";
import type { StorageBackend, StorageRequest } from "./backends/backend";
import { CEPH_SIZE_TWO, CEPH_XFS } from "./backends/rookCephChecks";
import { VM_SNAPSHOT_LOCKS } from "./backends/vsphereCsiChecks";
import { check } from "./checks/check";
import { SCALED_BACK, UNCOVERED_CLAIM } from "./draftPoint";
import { SINGLE_COPY } from "./checks/factor";
import type { SitePlan, SurvivalTable } from "./plan";
import { type Problem, subjectOf } from "./problem";
import { planRestorePoints } from "./restorePoints";
import type { Site, Waiver } from "./site";
import { planSnapshotController } from "./snapshotApi/controller";
import { SHARED_HOST } from "./survival/sharedHosts";
import { survivalTable } from "./survival/table";
import { NODE_FACTS, planTopology } from "./topology";

export { backendIds, backendOf };
export { labels, ownerMark, parseOwnerMark, snapshotName, memberResourceName } from "./names";
export type { OwnerMark } from "./names";
export { planRestorePoints, planTopology, survivalTable };
export { defaultSurvive, isPromised } from "./survival/promise";

/** Ids of the rules that a waiver may pass. */
export const waivableRules: readonly string[] = [
  SINGLE_COPY,
  CEPH_SIZE_TWO,
  CEPH_XFS,
  VM_SNAPSHOT_LOCKS,
  UNCOVERED_CLAIM,
  SCALED_BACK,
  SHARED_HOST,
  NODE_FACTS,
];

/**
 * Every semantic problem of a site: placement, backend and its options, survival, fail-over, restore points. Waivers
 * are not applied; see {@link judgeSite}. Never throws for a well-typed Site; no problem means that the site is
 * accepted and may be planned.
 */
export function checkSite(site: Site): readonly Problem[] {
  return check(site);
}

/** A problem that a waiver of the stack file lets pass. */
export interface WaivedProblem {
  readonly problem: Problem;
  readonly waiver: Waiver;
}

/** {@link checkSite} with the site's waivers: what is refused, and what passes because somebody answers for it. */
export function judgeSite(site: Site): {
  readonly problems: readonly Problem[];
  readonly waived: readonly WaivedProblem[];
} {
  const problems: Problem[] = [];
  const waived: WaivedProblem[] = [];
  for (const problem of checkSite(site)) {
    const waiver = site.waivers.find(
      (candidate) => candidate.rule === problem.rule && candidate.subject === subjectOf(problem),
    );
    if (waiver === undefined) {
      problems.push(problem);
    } else {
      waived.push({ problem, waiver });
    }
  }
  return { problems, waived };
}

/** What a site survives, also with fewer nodes than it was accepted with. */
export function survivalOf(site: Site): SurvivalTable {
  return survivalTable(carried(site), requestOf(site));
}

/** The whole plan of an accepted site: a pure function, so the same site has the same plan on every machine. */
export function planSite(site: Site): SitePlan {
  const backend = carried(site);
  const request = requestOf(site);
  const failover = backend.failover(request);
  if ("refused" in failover) {
    throw new Error(`failover: ${failover.refused.message}: check a site before it is planned.`);
  }
  const groupSnapshotClass =
    site.snapshots.group === "never" ? undefined : backend.groupSnapshotClass(request);
  return {
    site,
    topology: request.topology,
    classes: site.classes.map((spec) => backend.storageClass(request, spec)),
    snapshotClass: backend.snapshotClass(request),
    groupSnapshotClass,
    snapshotController: planSnapshotController(site, groupSnapshotClass !== undefined),
    companions: backend.companions(request),
    failover,
    survival: survivalTable(backend, request),
    restorePoints: planRestorePoints(site),
    raise: backend.raiseFactor(request),
  };
}

function requestOf(site: Site): StorageRequest {
  return { site, topology: planTopology(site.topology, site.replicationFactor) };
}

function carried({ backend: id }: Site): StorageBackend {
  const backend = backendOf(id);
  if (backend === undefined) {
    throw new Error(`The backend ${id} is not carried: check a site before it is planned.`);
  }
  return backend;
}
