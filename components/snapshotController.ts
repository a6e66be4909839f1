import type * as kubernetes from "@pulumi/kubernetes";
import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import { Deployment } from "@pulumi/kubernetes/apps/v1";
import { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as rbac from "@pulumi/kubernetes/rbac/v1";
import * as pulumi from "@pulumi/pulumi";

import { snapshotCrds } from "./snapshotCrds";

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
function clusterRules(groups: boolean): Rule[] {
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
const leaseRules: Rule[] = [
  rule("coordination.k8s.io", "leases", ...READ, "create", "update", "delete"),
];

/** Arguments of {@link SnapshotController}. */
export interface SnapshotControllerArgs {
  /** Image of the snapshot-controller of external-snapshotter 8, with tag or digest. */
  readonly image: string;
  /** Namespace of the controller; it has to be there. */
  readonly namespace: string;
  /** Pods, of which one leads; no two run on one node. */
  readonly replicas: number;
  /**
   * Whether group snapshots are switched on, and their CustomResourceDefinitions brought.
   * @see https://kubernetes-csi.github.io/docs/snapshot-controller.html
   */
  readonly groups: boolean;
  /** Node label that names the failure-domain site; the pods prefer different ones. */
  readonly siteLabel: string;
  /** Labels of every object, which mark it as ours. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Name of the controller's objects inside its namespace; by it the preflight knows others' controllers, too. */
const NAME = "snapshot-controller";

/** Selects the pods; part of the Deployment's identity, so it never changes. */
const SELECTED = { "app.kubernetes.io/name": NAME };

/** Names without a namespace are the whole cluster's, where the controller's makers use others. */
const CLUSTER_NAME = "atom-snapshot-controller";

const PORT = 8080;

/** Neither root nor a user of the node: the image holds one static program. */
const NOBODY = 65_532;

/**
 * With a CRD all its objects go, and with them every trace of the snapshots that they stand for: dropped from the
 * program a CRD stays, and nothing but an edit of the program can drop it.
 */
const KEPT: pulumi.CustomResourceOptions = { protect: true, retainOnDelete: true };

/** The snapshot CRDs and the snapshot controller, for clusters that bring neither. */
export class SnapshotController extends pulumi.ComponentResource {
  /** The CRDs, on which everything that is declared of their kinds depends. */
  public readonly crds: pulumi.CustomResource[];

  public constructor(
    name: string,
    args: SnapshotControllerArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const { image, namespace, groups } = args;
    super("atom:backup:SnapshotController", name, { image, namespace }, opts);
    const { metadata, clusterMetadata } = names(args);
    this.crds = snapshotCrds(groups).map(
      ({ metadata: identity, ...object }) =>
        new CustomResource(
          `${name}-${identity.name}`,
          { ...object, metadata: { ...identity, labels: { ...args.labels } } },
          { parent: this, ...KEPT },
        ),
    );
    const child = { parent: this };
    const account = new ServiceAccount(`${name}-account`, { metadata }, child);
    const role = new rbac.ClusterRole(
      `${name}-role`,
      { metadata: clusterMetadata, rules: clusterRules(groups) },
      child,
    );
    const leases = new rbac.Role(`${name}-leases`, { metadata, rules: leaseRules }, child);
    const bindings = [
      new rbac.ClusterRoleBinding(
        `${name}-role-binding`,
        { metadata: clusterMetadata, ...binding("ClusterRole", CLUSTER_NAME, namespace) },
        { parent: this, dependsOn: [account, role] },
      ),
      new rbac.RoleBinding(
        `${name}-leases-binding`,
        { metadata, ...binding("Role", NAME, namespace) },
        { parent: this, dependsOn: [account, leases] },
      ),
    ];
    new Deployment(
      `${name}-deployment`,
      { metadata, spec: deployment(args) },
      // Started before its kinds or rights are there, it would end and be started again ever more slowly.
      { parent: this, dependsOn: [...this.crds, ...bindings] },
    );
    this.registerOutputs();
  }
}

function names({ namespace, labels }: SnapshotControllerArgs): {
  readonly metadata: kubernetes.types.input.meta.v1.ObjectMeta;
  readonly clusterMetadata: kubernetes.types.input.meta.v1.ObjectMeta;
} {
  return {
    metadata: { name: NAME, namespace, labels: { ...labels } },
    clusterMetadata: { name: CLUSTER_NAME, labels: { ...labels } },
  };
}

function binding(
  kind: "ClusterRole" | "Role",
  name: string,
  namespace: string,
): Pick<kubernetes.types.input.rbac.v1.RoleBinding, "subjects"> & {
  roleRef: kubernetes.types.input.rbac.v1.RoleRef;
} {
  return {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
    subjects: [{ kind: "ServiceAccount", name: NAME, namespace }],
  };
}

function deployment(args: SnapshotControllerArgs): kubernetes.types.input.apps.v1.DeploymentSpec {
  return {
    replicas: args.replicas,
    selector: { matchLabels: SELECTED },
    // Longer than a lease (15 s) and its retries: a new leader has shown that it can lead before the next pod goes.
    minReadySeconds: 35,
    // With one replica on each node no third could start beside them.
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
    template: {
      metadata: { labels: { ...args.labels, ...SELECTED } },
      spec: {
        serviceAccountName: NAME,
        // Without it no snapshot is taken: it goes after everything else when a node runs short.
        priorityClassName: "system-cluster-critical",
        nodeSelector: { "kubernetes.io/os": "linux" },
        affinity: { podAntiAffinity: apart(args.siteLabel) },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: NOBODY,
          runAsGroup: NOBODY,
          seccompProfile: { type: "RuntimeDefault" },
        },
        containers: [container(args)],
      },
    },
  };
}

/** Never on one node, and in different sites where there is room: one loss does not take both. */
function apart(siteLabel: string): kubernetes.types.input.core.v1.PodAntiAffinity {
  const labelSelector = { matchLabels: SELECTED };
  return {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: "kubernetes.io/hostname", labelSelector },
    ],
    preferredDuringSchedulingIgnoredDuringExecution: [
      { weight: 100, podAffinityTerm: { topologyKey: siteLabel, labelSelector } },
    ],
  };
}

function container({
  image,
  groups,
}: SnapshotControllerArgs): kubernetes.types.input.core.v1.Container {
  return {
    name: NAME,
    image,
    imagePullPolicy: "IfNotPresent",
    args: [
      "--leader-election=true",
      `--http-endpoint=:${PORT}`,
      // Of its own it asks 5 times a second, so that the snapshots of a point of 50 volumes would lie a minute apart.
      "--kube-api-qps=50",
      "--kube-api-burst=100",
      ...(groups ? ["--feature-gates=CSIVolumeGroupSnapshot=true"] : []),
    ],
    ports: [{ name: "http", containerPort: PORT, protocol: "TCP" }],
    // Fails when the leader could not renew its lease: a hung one is started again instead of standing in the way.
    livenessProbe: {
      httpGet: { path: "/healthz/leader-election", port: "http" },
      initialDelaySeconds: 10,
      periodSeconds: 20,
      timeoutSeconds: 10,
      failureThreshold: 3,
    },
    // Its memory grows with the snapshots that there are; no processor limit, which would stretch a take.
    resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "1Gi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    },
  };
}
