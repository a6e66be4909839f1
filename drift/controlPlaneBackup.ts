import { CRON_JOB } from "../planning/controlPlaneBackup";
import { isOverdue } from "../planning/cron";
import type { Site } from "../planning/site";
import type { ClusterObject } from "../clients/kubernetes/object";
import { type Finding, found, judged, type LiveState, objectKey } from "./types";

/** What findings call them. */
export const CONTROL_PLANE_BACKUPS = "backups of the control plane";

/** When the CronJob last put a backup off the cluster, RFC 3339; undefined where it never did, or was not read. Pure. */
export function lastControlPlaneBackup(site: Site, live: LiveState): string | undefined {
  const status = cronJobOf(site, live)?.["status"] as { lastSuccessfulTime?: string } | undefined;
  return status?.lastSuccessfulTime;
}

/**
 * A backup of the control plane is overdue once two times of its schedule went by without one: the last may be at work. A
 * CronJob that is gone is a finding of its own. Pure.
 */
export function judgeControlPlaneBackup(
  site: Site,
  live: LiveState,
  now: Date,
): readonly Finding[] {
  const { controlPlane } = site.nodeBackups;
  const job = cronJobOf(site, live);
  if (controlPlane === undefined || job === undefined) {
    return [];
  }
  const { cron, timeZone, namespace } = controlPlane;
  const taken = lastControlPlaneBackup(site, live);
  const since = new Date(taken ?? job.metadata.creationTimestamp ?? "");
  const reason = `${taken === undefined ? "None was taken" : `The last is of ${taken}`}, and two times of the schedule went by since. kubectl -n ${namespace} get jobs shows what failed.`;
  const overdue = isOverdue(cron, timeZone, since, now);
  return judged(
    CONTROL_PLANE_BACKUPS,
    overdue ? [found("differs", CONTROL_PLANE_BACKUPS, reason)] : [],
  );
}

function cronJobOf({ nodeBackups }: Site, { cluster }: LiveState): ClusterObject | undefined {
  const { namespace } = nodeBackups.controlPlane ?? {};
  return cluster.state === "read" && namespace !== undefined
    ? cluster.value.objects.get(objectKey("batch/v1", "CronJob", namespace, CRON_JOB))
    : undefined;
}
