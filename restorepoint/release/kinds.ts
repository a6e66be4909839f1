import type { ClusterObject } from "../../clients/kubernetes/object";
import { hasCondition } from "../../planning/backends/answers";

/** Kinds of Kubernetes itself that a release consists of. Secrets are read apart: their content stays in the cluster. */
export const RELEASE_KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ["v1", "ConfigMap"],
  ["v1", "LimitRange"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "ResourceQuota"],
  ["v1", "Service"],
  ["v1", "ServiceAccount"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["batch/v1", "CronJob"],
  ["batch/v1", "Job"],
  ["networking.k8s.io/v1", "Ingress"],
  ["networking.k8s.io/v1", "NetworkPolicy"],
  ["policy/v1", "PodDisruptionBudget"],
  ["rbac.authorization.k8s.io/v1", "Role"],
  ["rbac.authorization.k8s.io/v1", "RoleBinding"],
];

/**
 * API groups of Kubernetes itself besides those without a dot, and of its metrics, whose kinds are views and cannot be
 * applied. Snapshots are what a point is made of, not part of what it is a point of.
 */
const BUILT_IN_GROUPS = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "custom.metrics.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "external.metrics.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "groupsnapshot.storage.k8s.io",
  "internal.apiserver.k8s.io",
  "metrics.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "snapshot.storage.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** Whether the kinds of an API group are custom resources that may belong to a release. */
export function isCustomGroup(group: string): boolean {
  return group.includes(".") && !BUILT_IN_GROUPS.has(group);
}

/** Whether an object is part of a release, and not something that the cluster or this program puts beside it. */
export function isReleased(object: ClusterObject): boolean {
  const { name, namespace, labels, annotations } = object.metadata;
  if (labels?.["app.kubernetes.io/managed-by"] === "atom-backup") {
    return false;
  }
  switch (object.kind) {
    case "ConfigMap":
      // Of each namespace by a controller; and locks of a leader election, which change all the time.
      return (
        name !== "kube-root-ca.crt" &&
        annotations?.["control-plane.alpha.kubernetes.io/leader"] === undefined
      );
    case "Service":
      return !(namespace === "default" && name === "kubernetes");
    case "Job":
      return !["Complete", "Failed"].some((end) => hasCondition(object, end));
    default:
      return true;
  }
}
