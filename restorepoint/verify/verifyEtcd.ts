import { memberKey } from "../../planning/pointMembers";
import { verifyName } from "../../planning/names";
import type { EtcdMember } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { etcdFileJob } from "../etcd/fileJob";
import { startJob, waitForJob } from "../jobs/job";
import { scratchMount } from "../jobs/jobObject";
import { PROBE_EXIT, WORK } from "./probeScript";
import { verifyLabels } from "./scratchPlan";
import { secondsSince, type LookPorts, type MemberResult } from "./types";
import { judgeFailure } from "./verdict";

/** Compares the file with its checksum and restores it once: only that looks at etcd's own. */
const ETCD_SCRIPT = [
  "set -u",
  'say() { echo "$1"; exit "$2"; }',
  `[ -r "$FILE" ] || say "there is no such file" ${PROBE_EXIT.unreadable}`,
  `sum=$(sha256sum < "$FILE") || exit ${PROBE_EXIT.unreadable}`,
  `[ "\${sum%% *}" = "$SHA256" ] || say "its SHA-256 is \${sum%% *}" ${PROBE_EXIT.refused}`,
  `command -v etcdutl >/dev/null || say "the image has no etcdutl" ${PROBE_EXIT.notRun}`,
  `etcdutl snapshot restore "$FILE" --data-dir ${WORK}/restored >/dev/null || exit ${PROBE_EXIT.refused}`,
  `echo "etcd=$SHA256" > /dev/termination-log`,
].join("\n");

/**
 * Compares a snapshot of etcd with its checksum, and restores it into a scratch folder, on the node that holds it. The
 * job stays: the caller removes it.
 *
 * @throws TakeError when it is interrupted, ClusterError when the cluster does not answer
 */
export async function verifyEtcd(
  site: Site,
  point: string,
  member: EtcdMember,
  ports: LookPorts,
): Promise<Omit<MemberResult, "member">> {
  const { etcd } = site.nodeBackups;
  if (etcd === undefined) {
    return {
      verdict: "unknown",
      why: "nodeBackups.etcd is not set, so that no image is known to look with",
    };
  }
  const { client, progress, onStep, signal, pollMs } = ports;
  const began = ports.now();
  const spec = etcdFileJob({
    namespace: site.cluster.namespace,
    name: verifyName(site.stack, point, memberKey(member)),
    labels: verifyLabels(site.stack, point),
    member,
    backup: etcd,
    script: ETCD_SCRIPT,
    mounts: [scratchMount(WORK)],
  });
  onStep?.(`create Job ${spec.namespace}/${spec.name}`);
  await startJob(client, spec);
  const status = await waitForJob(client, spec, () => false, {
    pollMs,
    signal,
    onStatus: ({ why }) => progress.update({ text: why }),
  });
  const seconds = secondsSince(began, ports);
  const [container] = status.containers;
  if (container?.exitCode !== 0) {
    return { ...judgeFailure(container, status.why), seconds };
  }
  return container.message === `etcd=${member.sha256}`
    ? { verdict: "proven", seconds }
    : { verdict: "unknown", why: `the probe's last words are "${container.message}"`, seconds };
}
