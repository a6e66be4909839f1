import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Progress } from "../../clients/reporter";
import { takenName, labels, NAME_LIMITS } from "../../planning/names";
import type { PointRecord } from "../../planning/pointRecord";
import { etcdFileJob, type EtcdFileJob } from "../etcd/fileJob";
import { runJob } from "../jobs/job";

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
  { stack, name }: Pick<PointRecord, "stack" | "name">,
  where: Pick<EtcdFileJob, "namespace" | "member" | "backup">,
  progress: Progress,
): Promise<EtcdFate> {
  const job = etcdFileJob({
    ...where,
    name: takenName(`etcd-remove-${name}`.replaceAll(".", "-"), NAME_LIMITS.label),
    labels: labels(stack),
    script: SCRIPT,
    writes: "folder",
  });
  const { message } = await runJob(client, job, {
    onStatus: ({ why }) => progress.update({ text: why }),
  });
  const fate = FATES.find((one) => one === message.trim());
  if (fate === undefined) {
    const { node, file } = where.member;
    throw new Error(
      `The job on ${node} ended without saying what became of ${file}; it said: ${message || "nothing"}.`,
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
