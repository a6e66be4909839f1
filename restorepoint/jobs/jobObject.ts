import type { ClusterObject } from "../../clients/kubernetes/object";

/** What every container of a job sees at a path. */
export interface JobMount {
  readonly mountPath: string;
  readonly readOnly: boolean;
  /** Where it is from, as a pod's `volumes` say it. */
  readonly source: Readonly<Record<string, unknown>>;
}

/** A claim of the job's namespace. */
export function claimMount(
  claimName: string,
  mountPath: string,
  { readOnly }: Pick<JobMount, "readOnly">,
): JobMount {
  return { mountPath, readOnly, source: { persistentVolumeClaim: { claimName, readOnly } } };
}

/** @param path absolute, on the node */
export function hostMount(
  path: string,
  mountPath: string,
  type: "Directory" | "DirectoryOrCreate" | "File",
): JobMount {
  // What is made where it is missing is written to.
  const readOnly = type !== "DirectoryOrCreate";
  return { mountPath, readOnly, source: { hostPath: { path, type } } };
}

/** A folder that is empty at the beginning. */
export function scratchMount(mountPath: string): JobMount {
  return { mountPath, readOnly: false, source: { emptyDir: {} } };
}

/** One container of a job. */
export interface JobContainer {
  readonly name: string;
  readonly image: string;
  /** Command and arguments. */
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Fields of a pod's spec that say where it may run, as a workload has them. */
export type Scheduling = Readonly<Record<string, unknown>>;

/** A command that runs once in a pod. */
export interface JobSpec {
  readonly namespace: string;
  /** At most 63 characters: pods carry it as a label. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Containers of one pod, started together. */
  readonly containers: readonly JobContainer[];
  readonly mounts: readonly JobMount[];
  /** Kubernetes node name; undefined lets the scheduler choose. */
  readonly node?: string | undefined;
  /** What else says where the pod may run; default anywhere. */
  readonly scheduling?: Scheduling;
  /** Whether the pod uses the node's own network, to reach what listens on its loopback. */
  readonly hostNetwork?: boolean;
  readonly serviceAccount?: string | undefined;
  /** Limit of the whole run, enforced by the cluster even if nobody waits any more. */
  readonly timeoutSeconds: number;
  /** How long a container that is asked to end may take, in seconds. */
  readonly graceSeconds?: number;
}

/** A finished job is removed by the cluster after so long, should nobody do it, in seconds. */
const FORGET_AFTER_SECONDS = 3600;

/** The Job object. It is tried once: what failed is looked at, not repeated in silence. */
export function jobObject(spec: JobSpec): ClusterObject {
  const { namespace, name, labels, node } = spec;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { namespace, name, labels },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: spec.timeoutSeconds,
      ttlSecondsAfterFinished: FORGET_AFTER_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: spec.serviceAccount !== undefined,
          serviceAccountName: spec.serviceAccount,
          hostNetwork: spec.hostNetwork,
          terminationGracePeriodSeconds: spec.graceSeconds,
          ...spec.scheduling,
          ...(node === undefined ? {} : onNode(node)),
          containers: spec.containers.map((container) => ({
            name: container.name,
            image: container.image,
            command: container.command,
            env: Object.entries(container.env ?? {}).map(([key, value]) => ({ name: key, value })),
            terminationMessagePolicy: "FallbackToLogsOnError",
            securityContext: { allowPrivilegeEscalation: false },
            volumeMounts: spec.mounts.map((mount, index) => ({
              name: `mount-${index}`,
              mountPath: mount.mountPath,
              readOnly: mount.readOnly,
            })),
          })),
          volumes: spec.mounts.map(({ source }, index) => ({ name: `mount-${index}`, ...source })),
        },
      },
    },
  };
}

/** By label and not by name: the scheduler still binds volumes. Control-plane nodes are tainted, ours to run on. */
function onNode(node: string): Record<string, unknown> {
  return {
    nodeSelector: { "kubernetes.io/hostname": node },
    tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
  };
}
