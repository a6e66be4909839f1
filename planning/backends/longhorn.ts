import type { ClassPlan, Companion, Options } from "../plan";
import type { StorageClassSpec } from "../site";
import { copyingModel } from "../survival/replicas";
import { verdict } from "../survival/verdict";
import type { ClusterCheck, OptionSpec, StorageBackend, StorageRequest } from "./backend";
import { fsTypeParameter } from "./common";
import { checkLonghorn } from "./longhornChecks";
import { longhornObservation } from "./longhornReplicas";
import { listOption, textOption } from "./options";
import { siteLabelChecks } from "./siteLabels";

const PROVISIONER = "driver.longhorn.io";

const PLACEMENT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  dataLocality: {
    type: "string",
    description: "whether a copy follows the workload to its node",
    allowed: ["disabled", "best-effort"],
    default: "disabled",
  },
  diskSelector: { type: "strings", description: "Longhorn disk tags that a copy's disk must have" },
  nodeSelector: { type: "strings", description: "Longhorn node tags that a copy's node must have" },
};

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  namespace: {
    type: "string",
    description: "namespace that Longhorn runs in",
    default: "longhorn-system",
  },
  ...PLACEMENT_OPTIONS,
  encryptionSecretName: {
    type: "string",
    description: "secret with the volume key (CRYPTO_KEY_VALUE); needed for encrypted classes",
  },
  encryptionSecretNamespace: {
    type: "string",
    description: "namespace of that secret",
    default: "the namespace of Longhorn",
  },
};

/** Longhorn: spread by anti-affinity that is soft unless told, no quorum of its own. */
export const longhorn: StorageBackend = {
  id: "longhorn",
  title: "Longhorn",
  options: OPTIONS,
  classOptions: PLACEMENT_OPTIONS,
  limits: {
    replicas: 20,
    snapshotsPerVolume: 250,
    restoreSize: "equal",
    expandWithSnapshots: true,
  },
  unverified: [
    "Losses are judged by the vendor's description of fail-over; no Longhorn cluster was run.",
    "Class parameters and settings were compared with the driver's source, not fed to it.",
    "A witness's nodes must not offer Longhorn disks: a class cannot keep copies off them.",
  ],
  check: checkLonghorn,
  provisioner: () => PROVISIONER,
  storageClass,
  companions,
  snapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    // Empty means a backup to a target, and without a target the snapshot never becomes ready.
    parameters: { type: "snap" },
  }),
  // Longhorn 1.13 has them, but not at one point in time: they promise no more than single snapshots do.
  groupSnapshotClass: () => undefined,
  failover: ({ site }) =>
    site.failover === "automatic"
      ? {
          mode: "automatic",
          mechanism:
            "Longhorn's node-down-pod-deletion-policy deletes the pods of a lost node, in 5 to 7 minutes, and attaches their volumes elsewhere",
          rebuilds:
            "yes: after 600 seconds a lost copy is built again, where a node and a site that hold none are left",
        }
      : {
          mode: "manual",
          why: "failover: manual is configured",
          steps: [
            "kubectl delete pod POD --force for each pod of the lost node that uses a volume",
            "wait until the volume is attached and the pod runs on another node",
            `kubectl -n ${namespaceOf(site.backendOptions)} get volumes.longhorn.io, until every volume is healthy again`,
          ],
        },
  survival: ({ site, topology }, loss) => {
    const automatic = site.failover === "automatic";
    return verdict(
      { topology, factor: site.replicationFactor, automatic },
      copyingModel(site.replicationFactor, automatic),
      loss,
    );
  },
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command:
      `kubectl -n ${namespaceOf(site.backendOptions)} patch volumes.longhorn.io VOLUME --type=merge ` +
      `-p '{"spec":{"numberOfReplicas":${site.replicationFactor}}}'`,
  }),
  clusterChecks,
  observation: ({ site }) => longhornObservation(namespaceOf(site.backendOptions)),
};

function storageClass({ site, topology }: StorageRequest, spec: StorageClassSpec): ClassPlan {
  const text = (key: string): string | undefined =>
    textOption(spec.options, key) ?? textOption(site.backendOptions, key);
  const tags = (key: string): Record<string, string> => {
    const own = listOption(spec.options, key);
    const chosen = own.length > 0 ? own : listOption(site.backendOptions, key);
    return chosen.length > 0 ? { [key]: chosen.join(",") } : {};
  };
  return {
    spec,
    provisioner: PROVISIONER,
    parameters: {
      numberOfReplicas: String(site.replicationFactor),
      dataLocality: text("dataLocality") ?? "disabled",
      // Both are said: the zone rule is soft by default, and a global setting must not change what a class means.
      replicaSoftAntiAffinity: "disabled",
      replicaZoneSoftAntiAffinity: topology.spread === "sites" ? "disabled" : "enabled",
      ...tags("diskSelector"),
      ...tags("nodeSelector"),
      ...fsTypeParameter(spec),
      ...(spec.encryption ? encryptionParameters(site.backendOptions) : {}),
    },
    // Topologies restrict pods, not copies.
    allowedTopologies: undefined,
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

/** The key is needed at every stage; without the one of node-expand an online expansion fails. */
function encryptionParameters(options: Options): Record<string, string> {
  const name = textOption(options, "encryptionSecretName") ?? "";
  const namespace = textOption(options, "encryptionSecretNamespace") ?? namespaceOf(options);
  const stages = ["provisioner", "node-publish", "node-stage", "node-expand"];
  return {
    encrypted: "true",
    ...Object.fromEntries(
      stages.flatMap((stage) => [
        [`csi.storage.k8s.io/${stage}-secret-name`, name],
        [`csi.storage.k8s.io/${stage}-secret-namespace`, namespace],
      ]),
    ),
  };
}

function companions({ site }: StorageRequest): readonly Companion[] {
  const setting = (key: string, name: string, value: string, why: string): Companion => ({
    key,
    object: {
      apiVersion: "longhorn.io/v1beta2",
      kind: "Setting",
      metadata: { name, namespace: namespaceOf(site.backendOptions) },
      value,
    },
    // Longhorn makes its settings itself: only the value is ours.
    hold: "patch",
    protect: false,
    why,
  });
  return [
    setting(
      "degraded-creation",
      "allow-volume-creation-with-degraded-availability",
      "false",
      "by default a volume is bound although not all its copies could be placed, and stays degraded",
    ),
    ...(site.failover === "automatic"
      ? [
          setting(
            "node-down-policy",
            "node-down-pod-deletion-policy",
            "delete-both-statefulset-and-deployment-pod",
            "by default the pods of a lost node stay, and with them the attachment of their volumes",
          ),
        ]
      : []),
  ];
}

function clusterChecks(request: StorageRequest): readonly ClusterCheck[] {
  return [
    {
      id: "driver",
      title: "the Longhorn CSI driver is installed",
      requires: { kind: "csiDriver", name: PROVISIONER },
      severity: "error",
      remedy: "install Longhorn",
    },
    {
      id: "settings",
      title: "Longhorn's settings can be declared",
      requires: { kind: "crd", name: "settings.longhorn.io", version: "v1beta2" },
      severity: "error",
      remedy: "install Longhorn 1.5 or newer",
    },
    ...siteLabelChecks(request, false),
  ];
}

function namespaceOf(options: Options): string {
  return textOption(options, "namespace") ?? "longhorn-system";
}
