import type { ClusterClient } from "../../clients/kubernetes/client";
import { takenName, labels, NAME_LIMITS } from "../../planning/names";
import { etcdClientFiles, etcdFunctions } from "../../planning/etcdScript";
import type { EtcdMember } from "../../planning/pointRecord";
import type { EtcdBackup } from "../../planning/site";
import { JobError, removeJob, runJob } from "../jobs/job";
import { hostMount, scratchMount, type JobSpec } from "../jobs/jobObject";
import { ETCD_FOLDER } from "./fileJob";
import type { Progress } from "../../clients/reporter";

export interface EtcdSnapshotRequest {
  readonly stack: string;
  /** Namespace that the job runs in. */
  readonly namespace: string;
  /** What the snapshot is of, e.g. the restore point: part of the names of file and job. */
  readonly name: string;
  readonly backup: EtcdBackup;
  /** Milliseconds since 1970: a snapshot of the same name that is older is replaced; undefined keeps any. */
  readonly notBefore?: number | undefined;
  readonly progress: Progress;
  /** Abandons the wait for it. */
  readonly signal?: AbortSignal | undefined;
}

/** Step of the journal. While a snapshot of etcd is made it is the last that etcd knows of the point. */
export const ETCD_STEP = "etcd snapshot";

const SCRATCH = "/scratch";
const CERTIFICATES = "/certificates";

/**
 * Takes a snapshot of etcd by a job on a control-plane node, and verifies it there by a restore into a scratch folder. A
 * snapshot of the same name that is there and sound is taken as it is, so that a
 * repeated command does not take a second one.
 *
 * @throws JobError with the job's own words
 */
export async function takeEtcdSnapshot(
  client: ClusterClient,
  request: EtcdSnapshotRequest,
): Promise<EtcdMember> {
  const { backup, progress, signal } = request;
  const job = etcdJob(request);
  // One that a killed run left tells of a snapshot that may be older than this run's volumes.
  await removeJob(client, job);
  const { message } = await runJob(client, job, {
    signal,
    onStatus: ({ why }) => progress.update({ text: `etcd snapshot on ${backup.node}: ${why}` }),
  });
  const found = parseWords(message);
  if (found === undefined) {
    throw new JobError(
      `The etcd snapshot on ${backup.node} ended without its checksum; it said: ${message || "nothing"}.`,
    );
  }
  return {
    kind: "etcd",
    node: backup.node,
    file: `${backup.folder.replace(/\/$/, "")}/${fileName(request)}`,
    ...found,
  };
}

/** The job; its command's words are arguments and environment, never part of the script. */
function etcdJob(request: EtcdSnapshotRequest): JobSpec {
  const { stack, namespace, name, backup, notBefore } = request;
  const given = etcdClientFiles(backup).map((file) => ({
    ...file,
    mountPath: `${CERTIFICATES}/${file.variable}`,
  }));
  return {
    namespace,
    name: takenName(`etcd-${name}`.replaceAll(".", "-"), NAME_LIMITS.label),
    labels: labels(stack),
    containers: [
      {
        name: "etcd-snapshot",
        image: backup.image,
        command: ["/bin/sh", "-c", SCRIPT],
        env: {
          ENDPOINTS: backup.endpoints.join(" "),
          FILE: `${ETCD_FOLDER}/${fileName(request)}`,
          NOT_BEFORE: String(Math.floor((notBefore ?? 0) / 1000)),
          ...Object.fromEntries(given.map(({ variable, mountPath }) => [variable, mountPath])),
        },
      },
    ],
    mounts: [
      hostMount(backup.folder, ETCD_FOLDER, "DirectoryOrCreate"),
      scratchMount(SCRATCH),
      ...given.map(({ path, mountPath }) => hostMount(path, mountPath, "File")),
    ],
    node: backup.node,
    hostNetwork: true,
    timeoutSeconds: backup.timeoutSeconds,
  };
}

function fileName({ stack, name }: EtcdSnapshotRequest): string {
  return `etcd-${stack}-${name}.db`;
}

/** A file that is not whole never has the final name: it is made beside it, restored once, synced and then renamed. */
const SCRIPT = [
  "set -eu",
  "umask 077",
  ...etcdFunctions(SCRATCH),
  // A file of that name may be of an attempt that was given up.
  'if [ -e "$FILE" ] && [ "$(date -u -r "$FILE" +%s)" -lt "$NOT_BEFORE" ]; then rm -f "$FILE"; fi',
  'if [ ! -e "$FILE" ]; then',
  '  rm -f "$FILE.part"',
  '  save "$FILE.part"',
  '  verify "$FILE.part"',
  "  sync",
  '  mv "$FILE.part" "$FILE"',
  "else",
  '  verify "$FILE"',
  "fi",
  "members=",
  "for endpoint in $ENDPOINTS; do",
  '  if members=$(etcdctl --endpoints="$endpoint" --write-out=simple member list); then break; fi',
  "done",
  '[ -n "$members" ] || { echo "no endpoint of $ENDPOINTS names the members of etcd"; exit 1; }',
  'sum=$(sha256sum "$FILE")',
  'printf "sha256=%s at=%s\\n%s\\n" "${sum%% *}" "$(date -u -r "$FILE" +%Y-%m-%dT%H:%M:%SZ)" "$members" > /dev/termination-log',
].join("\n");

function parseWords(
  message: string,
): Pick<EtcdMember, "sha256" | "createdAt" | "members"> | undefined {
  const [first = "", ...lines] = message.trim().split("\n");
  const match =
    /^sha256=([0-9a-f]{64}) at=([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)$/.exec(
      first,
    );
  const [, sha256, createdAt] = match ?? [];
  // Of each member: id, state, name, addresses for the others, addresses for clients, whether it only learns.
  const members = lines.flatMap((line) => {
    const [, , name = "", peers = "", , learns] = line.split(", ");
    return name === "" || learns === "true" ? [] : [{ name, peers: peers.split(",") }];
  });
  return sha256 === undefined || createdAt === undefined
    ? undefined
    : { sha256, createdAt, members };
}
