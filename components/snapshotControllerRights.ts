import type * as kubernetes from "@pulumi/kubernetes";

type Rule = kubernetes.types.input.rbac.v1.PolicyRule;

function rule(apiGroup: string, resource: string, ...verbs: string[]): Rule {
  return { apiGroups: [apiGroup], resources: [resource], verbs };
}

const READ = ["get", "list", "watch"];
const CHANGE = ["create", "update", "patch", "delete"];

/**
 * What the controller does in the whole cluster: it reads claims and volumes, holds a claim by a finalizer while it is
 * taken, binds snapshots to contents, and tells events.
 *
 * @param groups whether it takes groups as well
 */
export function clusterRules(groups: boolean): Rule[] {
  return [
    rule("", "persistentvolumes", ...READ),
    rule("", "persistentvolumeclaims", ...READ, "update"),
    rule("", "events", "list", "watch", "create", "update", "patch"),
    ...snapshotRules("snapshot.storage.k8s.io", "volumesnapshot", CHANGE),
    // Group snapshots are the user's to make and to remove.
    ...(groups
      ? snapshotRules("groupsnapshot.storage.k8s.io", "volumegroupsnapshot", ["update", "patch"])
      : []),
  ];
}

function snapshotRules(group: string, name: string, changes: readonly string[]): Rule[] {
  return [
    rule(group, `${name}classes`, ...READ),
    rule(group, `${name}contents`, ...READ, ...CHANGE),
    rule(group, `${name}contents/status`, "patch"),
    rule(group, `${name}s`, ...READ, ...changes),
    rule(group, `${name}s/status`, "update", "patch"),
  ];
}

/** One replica leads by a lease in the controller's own namespace. */
export const leaseRules: Rule[] = [
  rule("coordination.k8s.io", "leases", ...READ, "create", "update", "delete"),
];
