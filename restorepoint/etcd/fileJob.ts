import { basename, dirname } from "node:path";

import type { EtcdMember } from "../../planning/pointRecord";
import type { EtcdBackup } from "../../planning/site";
import { hostMount, type JobMount, type JobSpec } from "../jobs/jobObject";

/** Folder of the snapshots, as a job sees it. */
export const ETCD_FOLDER = "/backup";

export interface EtcdFileJob extends Pick<JobSpec, "namespace" | "name" | "labels"> {
  readonly member: EtcdMember;
  readonly backup: Pick<EtcdBackup, "image" | "timeoutSeconds">;
  readonly script: string;
  /** Whether the script changes the folder; default no. */
  readonly writes?: boolean;
  readonly mounts?: readonly JobMount[];
}

/**
 * A job that does something with a snapshot of etcd on the node that holds it. Path and checksum are the environment `FILE`
 * and `SHA256`, never part of the script.
 */
export function etcdFileJob(job: EtcdFileJob): JobSpec {
  const { member, backup, script, writes = false, mounts = [], ...named } = job;
  const { image, timeoutSeconds } = backup;
  const env = { FILE: `${ETCD_FOLDER}/${basename(member.file)}`, SHA256: member.sha256 };
  const type = writes ? "DirectoryOrCreate" : "Directory";
  return {
    ...named,
    containers: [{ name: "etcd", image, command: ["/bin/sh", "-c", script], env }],
    mounts: [hostMount(dirname(member.file), ETCD_FOLDER, type), ...mounts],
    node: member.node,
    timeoutSeconds,
  };
}
