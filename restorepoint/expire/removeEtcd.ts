import type { ClusterClient } from "../../clients/kubernetes/client";
import { takenName, labels, NAME_LIMITS } from "../../planning/names";
import type { EtcdMember } from "../../planning/pointRecord";
import type { EtcdBackup } from "../../planning/site";
import { etcdFileJob } from "../etcd/fileJob";
import { runJob } from "../jobs/job";

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
  const { stack, point } = removal;
  const name = takenName(`etcd-remove-${point}`.replaceAll(".", "-"), NAME_LIMITS.label);
  const job = {
    ...removal,
    name,
    labels: labels(stack),
    script: SCRIPT,
    writes: "folder",
  } as const;
  const { message } = await runJob(client, etcdFileJob(job), {
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
