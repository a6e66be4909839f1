import { memberKey } from "../../planning/pointMembers";
import { verifyName } from "../../planning/names";
import type { EtcdMember } from "../../planning/pointRecord";
import type { EtcdBackup, Probe, Site } from "../../planning/site";
import { etcdFileJob } from "../etcd/fileJob";
import type { JobSpec } from "../jobs/job";
import { LIST_SCRIPT, PROBE_EXIT, PROBE_SCRIPT } from "./probeScript";
import { verifyLabels } from "./scratchPlan";
import type { ScratchPlan } from "./types";

const WORK = "/work";

/** Name of the container; it leads its last words. */
const CONTAINER = "probe";

/** Looks at the restored volume of a plan, which it cannot change. */
export function probeJob(plan: ScratchPlan, probe: Probe): JobSpec {
  const { namespace, claim } = plan.member;
  const volume = `/volumes/${namespace}/${claim}`;
  return {
    namespace: plan.namespace,
    name: plan.name,
    labels: plan.labels,
    containers: [
      {
        name: CONTAINER,
        image: probe.image,
        command: ["/bin/sh", "-c", PROBE_SCRIPT, CONTAINER, ...(probe.command ?? [])],
        env: { VOLUME: volume, NAMESPACE: namespace, CLAIM: claim, WORK, LIST: LIST_SCRIPT },
      },
    ],
    mounts: [
      { kind: "claim", claim: plan.name, mountPath: volume, readOnly: true },
      { kind: "scratch", mountPath: WORK },
    ],
    scheduling: plan.scheduling,
    // The cluster's own limit, for when nobody waits any more: it counts from the start of the restore.
    timeoutSeconds: 2 * probe.timeoutSeconds + 60,
  };
}

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

/** Last words of a snapshot of etcd that is what it was. */
export function etcdWords({ sha256 }: EtcdMember): string {
  return `etcd=${sha256}`;
}

/** Looks at a snapshot of etcd on the node that holds it. */
export function etcdProbeJob(
  site: Site,
  point: string,
  member: EtcdMember,
  backup: EtcdBackup,
): JobSpec {
  return etcdFileJob({
    namespace: site.cluster.namespace,
    name: verifyName(site.stack, point, memberKey(member)),
    labels: verifyLabels(site.stack, point),
    member,
    backup,
    script: ETCD_SCRIPT,
    mounts: [{ kind: "scratch", mountPath: WORK }],
  });
}
