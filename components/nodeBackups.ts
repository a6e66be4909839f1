import { CronJob } from "@pulumi/kubernetes/batch/v1";
import type * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { CRON_JOB } from "../planning/controlPlaneBackup";
import { etcdClientFiles, etcdFunctions } from "../planning/etcdScript";
import type { Companion } from "../planning/plan";
import type { ControlPlaneBackup, EtcdBackup } from "../planning/site";
import { companionObject } from "./companionObject";

/** Arguments of {@link NodeBackups}. */
export interface NodeBackupsArgs {
  /** Name of the stack: part of the names of the files, so that sites may share a place off the cluster. */
  readonly stack: string;
  /**
   * How etcd is reached, and the folder of the nodes that the newest backups stay in.
   * @default none: then the control plane is not backed up
   */
  readonly etcd?: EtcdBackup;
  /**
   * When, of what, for whom and where to.
   * @default none: then the control plane is not backed up
   * @see https://kubernetes.io/docs/tasks/administer-cluster/configure-upgrade-etcd/
   */
  readonly controlPlane?: ControlPlaneBackup;
  /**
   * Objects of Velero: where its backups go, the class of their snapshots, and when.
   * @default none
   * @see https://velero.io/docs/v1.18/api-types/
   */
  readonly velero?: readonly Companion[];
  /** Labels of every object, which mark it as ours. */
  readonly labels: Readonly<Record<string, string>>;
}

const LOCAL = "/local";
const OFF_CLUSTER = "/off-cluster";
const SCRATCH = "/scratch";
const CERTIFICATES = "/certificates";
/** Below it lies what of the node is backed up, under its own path. */
const NODE = "/node";

/** What {@link NodeBackupsArgs} has where the control plane is backed up. */
type ControlPlaneArgs = NodeBackupsArgs & Required<Pick<NodeBackupsArgs, "etcd" | "controlPlane">>;

/**
 * Backups of the whole cluster: of the control plane, its state and its keys, without which neither volumes nor restore
 * points find back into a cluster; and those that Velero takes of the product.
 */
export class NodeBackups extends pulumi.ComponentResource {
  /** Name of the CronJob in its namespace, for a first backup by hand; undefined where there is none. */
  public readonly cronJob: pulumi.Output<string> | undefined;

  public constructor(name: string, args: NodeBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { etcd, controlPlane, labels, velero = [], stack } = args;
    const { cron: schedule, timeZone, namespace } = controlPlane ?? {};
    super("atom:backup:NodeBackups", name, { schedule, timeZone, namespace }, opts);
    const kept = { successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 3 };
    this.cronJob =
      etcd === undefined || controlPlane === undefined
        ? undefined
        : new CronJob(
            `${name}-control-plane`,
            {
              metadata: { name: CRON_JOB, namespace, labels: { ...labels } },
              spec: {
                schedule: controlPlane.cron,
                timeZone,
                // Two at once would prune each other's files.
                concurrencyPolicy: "Forbid",
                ...kept,
                jobTemplate: job({ stack, etcd, controlPlane, labels }),
              },
            },
            { parent: this },
          ).metadata.name;
    for (const companion of velero) {
      companionObject(`${name}-${companion.key}`, companion, {
        parent: this,
        // The API server takes an object only once it knows its kind.
        ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
      });
    }
    this.registerOutputs({ cronJob: this.cronJob });
  }
}

function job({
  controlPlane,
  ...rest
}: ControlPlaneArgs): kubernetes.types.input.batch.v1.JobTemplateSpec {
  const { mounts, volumes } = mounted({ controlPlane, ...rest });
  const metadata = { labels: { ...rest.labels } };
  return {
    metadata,
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: controlPlane.timeoutSeconds,
      template: {
        metadata,
        spec: {
          restartPolicy: "Never",
          // etcd listens on the node's own loopback address.
          hostNetwork: true,
          nodeSelector: { "node-role.kubernetes.io/control-plane": "" },
          tolerations: [{ operator: "Exists" }],
          automountServiceAccountToken: false,
          containers: [
            {
              name: "backup",
              image: controlPlane.image,
              // What the stack file says is arguments and environment, never part of the script.
              command: ["/bin/sh", "-c", SCRIPT, "backup", ...controlPlane.files.map(relative)],
              env: environment({ controlPlane, ...rest }),
              volumeMounts: mounts,
              terminationMessagePolicy: "FallbackToLogsOnError",
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                // The files belong to root of the node.
                runAsUser: 0,
                capabilities: { drop: ["ALL"] },
              },
            },
          ],
          volumes,
        },
      },
    },
  };
}

function environment(args: ControlPlaneArgs): { name: string; value: string }[] {
  const { stack, etcd, controlPlane } = args;
  const values = {
    STACK: stack,
    ENDPOINTS: etcd.endpoints.join(" "),
    CERTIFICATE: controlPlane.certificate,
    KEEP_LOCAL: `${controlPlane.keepLocal}`,
    KEEP_OFF_CLUSTER: `${controlPlane.keepOffCluster}`,
    ...Object.fromEntries(
      etcdClientFiles(etcd).map(({ variable }) => [variable, `${CERTIFICATES}/${variable}`]),
    ),
  };
  return Object.entries(values).map(([name, value]) => ({ name, value }));
}

function mounted({ etcd, controlPlane }: ControlPlaneArgs): {
  readonly mounts: kubernetes.types.input.core.v1.VolumeMount[];
  readonly volumes: kubernetes.types.input.core.v1.Volume[];
} {
  const all = [
    mount(LOCAL, { hostPath: { path: etcd.folder, type: "DirectoryOrCreate" } }),
    mount(OFF_CLUSTER, offCluster(controlPlane.offCluster)),
    mount(SCRATCH, { emptyDir: {} }),
    ...etcdClientFiles(etcd).map(({ variable, path }) =>
      mount(`${CERTIFICATES}/${variable}`, { hostPath: { path, type: "File" } }, true),
    ),
    ...controlPlane.files.map((path) =>
      mount(`${NODE}/${relative(path)}`, { hostPath: { path } }, true),
    ),
  ].map((one, index) => ({ ...one, name: `mount-${index}` }));
  return {
    mounts: all.map(({ name, mountPath, readOnly }) => ({ name, mountPath, readOnly })),
    volumes: all.map(({ name, source }) => ({ name, ...source })),
  };
}

type Source = Omit<kubernetes.types.input.core.v1.Volume, "name">;

const mount = (mountPath: string, source: Source, readOnly = false) => ({
  mountPath,
  source,
  readOnly,
});

/** An NFS export, or a folder of the node; made it would lie on the node's own disk. */
function offCluster(place: string): Source {
  const [, server, path = ""] = /^(?:([^/:]+):)?(\/.*)$/.exec(place) ?? [];
  return server === undefined
    ? { hostPath: { path, type: "Directory" } }
    : { nfs: { server, path } };
}

const relative = (path: string): string => path.replace(/^\/+|\/+$/g, "");

/**
 * Nothing has its final name before it is whole and its copy compared. What cannot be read again by the certificate's
 * key is not looked at here: that key is not in the cluster.
 */
const SCRIPT = [
  "set -eu",
  "umask 077",
  ...etcdFunctions(SCRATCH),
  'times="[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z.tar.cms"',
  "keep() {",
  "  folder=$1; most=$2",
  '  set -- "$folder/control-plane-$STACK-"$times',
  '  while [ "$#" -gt "$most" ]; do rm -f "$1" "$1.sha256"; shift; done',
  "}",
  'name="control-plane-$STACK-$(date -u +%Y%m%dT%H%M%SZ).tar.cms"',
  `work=${SCRATCH}/work`,
  'mkdir -p "$work"',
  'rm -f "$work"/*',
  'save "$work/etcd.db"',
  'verify "$work/etcd.db"',
  `tar -C ${NODE} -cf "$work/files.tar" "$@"`,
  "for file; do",
  // What is not on the node may have been made, empty, so that it could be mounted.
  '  tar -tf "$work/files.tar" "$file" | grep -qv "/$" || { echo "/$file is not there, or empty"; exit 1; }',
  "done",
  'cd "$work"',
  "sha256sum etcd.db files.tar > SHA256SUMS",
  "tar -cf plain.tar etcd.db files.tar SHA256SUMS",
  'printf "%s\\n" "$CERTIFICATE" > certificate.pem',
  'openssl cms -encrypt -binary -stream -aes-256-gcm -outform DER -in plain.tar -out "$name" certificate.pem',
  'sha256sum "$name" > "$name.sha256"',
  `for folder in ${LOCAL} ${OFF_CLUSTER}; do`,
  // Of a run that was killed, or had no room: nothing else would ever remove it.
  '  rm -f "$folder/control-plane-$STACK-"$times.part',
  '  cp "$name" "$folder/$name.part"',
  "  sync",
  '  cmp "$name" "$folder/$name.part"',
  '  cp "$name.sha256" "$folder/$name.sha256"',
  '  mv "$folder/$name.part" "$folder/$name"',
  "done",
  `keep ${LOCAL} "$KEEP_LOCAL"`,
  `keep ${OFF_CLUSTER} "$KEEP_OFF_CLUSTER"`,
  "sync",
  'cat "$name.sha256" > /dev/termination-log',
].join("\n");
