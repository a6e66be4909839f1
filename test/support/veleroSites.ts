import type { Site, VeleroBackup } from "../../planning/site";
import { siteOf } from "./sites";

/** A backup by Velero at midnight, to an object store of its own. */
export function veleroBackup(changes: Partial<VeleroBackup> = {}): VeleroBackup {
  return {
    namespace: "velero",
    cron: "0 0 * * *",
    timeZone: "Etc/UTC",
    keepDays: 30,
    provider: "aws",
    bucket: "backups",
    endpoint: "https://s3.example.com",
    config: {},
    ...changes,
  };
}

export function veleroSite(changes: Partial<VeleroBackup> = {}, site: Partial<Site> = {}): Site {
  return siteOf({ nodeBackups: { velero: veleroBackup(changes) }, ...site });
}
