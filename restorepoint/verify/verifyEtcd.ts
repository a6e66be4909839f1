import type { EtcdMember } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import { startJob, waitForJob } from "../jobs/job";
import { etcdProbeJob, etcdWords } from "./probeJob";
import type { LookPorts, MemberResult } from "./types";
import { judgeFailure } from "./verdict";

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
  { client, progress, now, onStep, signal, pollMs }: LookPorts,
): Promise<Omit<MemberResult, "member">> {
  const { etcd } = site.nodeBackups;
  if (etcd === undefined) {
    return {
      verdict: "unknown",
      why: "nodeBackups.etcd is not set, so that no image is known to look with",
    };
  }
  const began = now();
  const spec = etcdProbeJob(site, point, member, etcd);
  onStep?.(`create Job ${spec.namespace}/${spec.name}`);
  await startJob(client, spec);
  const status = await waitForJob(client, spec, () => false, {
    pollMs,
    signal,
    onStatus: ({ why }) => progress.update({ text: why }),
  });
  const seconds = Math.round((now() - began) / 100) / 10;
  const [container] = status.containers;
  if (container?.exitCode !== 0) {
    return { ...judgeFailure(container, status.why), seconds };
  }
  return container.message === etcdWords(member)
    ? { verdict: "proven", seconds }
    : { verdict: "unknown", why: `the probe's last words are "${container.message}"`, seconds };
}
