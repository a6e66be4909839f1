import type { ClusterObject } from "../../clients/kubernetes/object";

/** What a job's container sees at a path. */
export type JobMount =
  | {
      readonly kind: "claim";
      /** Name of a claim in the job's namespace. */
      readonly claim: string;
      readonly mountPath: string;
      readonly readOnly: boolean;
    }
  | {
      readonly kind: "hostPath";
      /** Absolute path on the node. */
      readonly path: string;
      readonly mountPath: string;
      readonly readOnly: boolean;
      readonly type: "Directory" | "DirectoryOrCreate" | "File";
    }
  | { readonly kind: "scratch"; readonly mountPath: string };

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
    metadata: { namespace, name, labels: { ...labels } },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: spec.timeoutSeconds,
      ttlSecondsAfterFinished: FORGET_AFTER_SECONDS,
      template: {
        metadata: { labels: { ...labels } },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: spec.serviceAccount !== undefined,
          ...(spec.serviceAccount === undefined ? {} : { serviceAccountName: spec.serviceAccount }),
          ...(spec.hostNetwork === true ? { hostNetwork: true } : {}),
          ...(spec.graceSeconds === undefined
            ? {}
            : { terminationGracePeriodSeconds: spec.graceSeconds }),
          ...spec.scheduling,
          ...(node === undefined ? {} : onNode(node)),
          containers: spec.containers.map((container) => ({
            name: container.name,
            image: container.image,
            command: [...container.command],
            env: Object.entries(container.env ?? {}).map(([key, value]) => ({ name: key, value })),
            terminationMessagePolicy: "FallbackToLogsOnError",
            securityContext: { allowPrivilegeEscalation: false },
            volumeMounts: spec.mounts.map((mount, index) => ({
              name: `mount-${index}`,
              mountPath: mount.mountPath,
              ...("readOnly" in mount && mount.readOnly ? { readOnly: true } : {}),
            })),
          })),
          volumes: spec.mounts.map((mount, index) => ({
            name: `mount-${index}`,
            ...volumeSource(mount),
          })),
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

function volumeSource(mount: JobMount): Record<string, unknown> {
  switch (mount.kind) {
    case "claim":
      return {
        persistentVolumeClaim: { claimName: mount.claim, readOnly: mount.readOnly },
      };
    case "hostPath":
      return { hostPath: { path: mount.path, type: mount.type } };
    case "scratch":
      return { emptyDir: {} };
  }
}
