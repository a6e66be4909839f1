import { dirname, basename } from "node:path";

import type { ClusterClient } from "../../clients/kubernetes/client";
import { takenName, labels, NAME_LIMITS } from "../../planning/names";
import type { EtcdMember } from "../../planning/pointRecord";
import type { EtcdBackup } from "../../planning/site";
import { runJob, type JobSpec } from "../jobs/job";

export interface EtcdRemoval {
  readonly stack: string;
  readonly namespace: string;
  readonly point: string;
  readonly member: EtcdMember;
  /** Whose image runs the job. */
  readonly backup: Pick<EtcdBackup, "image" | "timeoutSeconds">;
}

/** - `differs`: a file of that name has another checksum, so it is not the one that was recorded; it stays */
export type EtcdFate = "removed" | "gone" | "differs";

const FOLDER = "/backup";
const FATES: readonly EtcdFate[] = ["removed", "gone", "differs"];

/**
 * Removes the file of an etcd snapshot by a job on its node, only if it is the one that was recorded.
 *
 * @throws JobError with the job's own words
 */
export async function removeEtcdSnapshot(
  client: ClusterClient,
  removal: EtcdRemoval,
  onStatus: (why: string) => void,
): Promise<EtcdFate> {
  const { message } = await runJob(client, etcdRemovalJob(removal), {
    onStatus: ({ why }) => onStatus(why),
  });
  const fate = FATES.find((one) => one === message.trim());
  if (fate === undefined) {
    throw new Error(
      `The job on ${removal.member.node} ended without saying what became of ${removal.member.file}; it said: ${message || "nothing"}.`,
    );
  }
  return fate;
}

/** The job; path and checksum are environment, never part of the script. */
export function etcdRemovalJob({ stack, namespace, point, member, backup }: EtcdRemoval): JobSpec {
  return {
    namespace,
    name: takenName(`etcd-remove-${point}`.replaceAll(".", "-"), NAME_LIMITS.label),
    labels: labels(stack),
    containers: [
      {
        name: "etcd-remove",
        image: backup.image,
        command: ["/bin/sh", "-c", SCRIPT],
        env: { FILE: `${FOLDER}/${basename(member.file)}`, SHA256: member.sha256 },
      },
    ],
    mounts: [
      {
        kind: "hostPath",
        path: dirname(member.file),
        mountPath: FOLDER,
        readOnly: false,
        type: "DirectoryOrCreate",
      },
    ],
    node: member.node,
    timeoutSeconds: backup.timeoutSeconds,
  };
}

const SCRIPT = [
  "set -eu",
  "say() { printf '%s' \"$1\" > /dev/termination-log; }",
  'if [ ! -e "$FILE" ]; then say gone; exit 0; fi',
  'sum=$(sha256sum "$FILE")',
  'if [ "${sum%% *}" != "$SHA256" ]; then say differs; exit 0; fi',
  'rm "$FILE"',
  "sync",
  "say removed",
].join("\n");
