import { basename, dirname } from "node:path";

import type { EtcdMember } from "../../planning/pointRecord";
import type { EtcdBackup } from "../../planning/site";
import { hostMount, type JobMount, type JobSpec } from "../jobs/jobObject";

/** Folder of the snapshots, as a job sees it. */
export const ETCD_FOLDER = "/backup";

export interface EtcdFileJob {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly member: EtcdMember;
  readonly backup: Pick<EtcdBackup, "image" | "timeoutSeconds">;
  readonly script: string;
  /** What the script changes; default nothing. */
  readonly writes?: "folder";
  readonly mounts?: readonly JobMount[];
}

/**
 * A job that does something with a snapshot of etcd on the node that holds it. Path and checksum are the environment `FILE`
 * and `SHA256`, never part of the script.
 */
export function etcdFileJob(job: EtcdFileJob): JobSpec {
  const { namespace, name, labels, member, backup, script, writes, mounts = [] } = job;
  return {
    namespace,
    name,
    labels,
    containers: [
      {
        name: "etcd",
        image: backup.image,
        command: ["/bin/sh", "-c", script],
        env: { FILE: `${ETCD_FOLDER}/${basename(member.file)}`, SHA256: member.sha256 },
      },
    ],
    mounts: [
      hostMount(
        dirname(member.file),
        ETCD_FOLDER,
        writes === undefined ? "Directory" : "DirectoryOrCreate",
      ),
      ...mounts,
    ],
    node: member.node,
    timeoutSeconds: backup.timeoutSeconds,
  };
}
