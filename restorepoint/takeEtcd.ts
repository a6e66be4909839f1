import type { ClusterClient } from "../clients/kubernetes/client";
import { readPointFile } from "../config/pointFile";
import { recordMembers } from "../config/pointRecord";
import { volumeMembers } from "../planning/pointMembers";
import type { EtcdBackup, Site } from "../planning/site";
import { takeEtcdSnapshot } from "./etcd/takeSnapshot";
import type { Reporter } from "../clients/reporter";

export interface EtcdTake {
  readonly client: ClusterClient;
  readonly site: Site;
  /** The point's file; its volumes are recorded. */
  readonly file: string;
  readonly backup: EtcdBackup;
  readonly reporter: Reporter;
}

/**
 * Takes the point's snapshot of etcd and writes it down. One that an interrupted run has taken after these volumes is
 * used; one of an attempt that was given up is older than they are, and is replaced.
 */
export async function takeEtcd({ client, site, file, backup, reporter }: EtcdTake): Promise<void> {
  const { stack } = site;
  const { namespace } = site.cluster;
  const point = readPointFile(file);
  const times = volumeMembers(point).map(({ createdAt }) => Date.parse(createdAt));
  const notBefore = times.length === 0 ? undefined : Math.max(...times);
  const progress = reporter.progress("etcd snapshot");
  try {
    const member = await takeEtcdSnapshot(client, {
      stack,
      namespace,
      name: point.name,
      backup,
      notBefore,
      progress,
    });
    recordMembers(file, [member]);
    progress.done(`${member.file} on ${member.node}`);
  } catch (error) {
    progress.fail((error as Error).message);
    throw error;
  }
}
