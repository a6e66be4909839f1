import type { ClassPlan, FailoverPlan } from "../plan";
import type { Problem } from "../problem";
import type { StorageClassSpec } from "../site";
import { electedModel } from "../survival/quorumGroups";
import { verdict } from "../survival/verdict";
import { listed, shown } from "../words";
import type { ClusterCheck, StorageBackend, StorageRequest } from "./backend";
import { fsTypeParameter } from "./common";
import { checkMayastor } from "./mayastorChecks";
import { mayastorObservation } from "./mayastorReplicas";
import { CLASS_OPTIONS, namespaceOf, OPTIONS, PROVISIONER } from "./mayastorOptions";
import { membersBySite } from "./members";
import { textOption } from "./options";

/** OpenEBS Mayastor: hard placement by one label of its own, copies' state in its own etcd, no quorum per volume. */
export const mayastor: StorageBackend = {
  id: "mayastor",
  title: "OpenEBS Mayastor",
  options: OPTIONS,
  classOptions: CLASS_OPTIONS,
  limits: {
    // The driver reads the number into one byte.
    replicas: 255,
    snapshotsPerVolume: undefined,
    restoreSize: "equal",
    expandWithSnapshots: true,
  },
  unverified: [
    "Class parameters were compared with the driver's parser, not fed to it.",
    "The file system is said under the key that Kubernetes hands on to every driver; the vendor's examples use fsType.",
    "Losses are judged by the source and the vendor's description; no Mayastor cluster was run.",
    "That a copy built again keeps the spread was mended in November 2025; 2.11 is taken as the first release with it.",
    "Labels of Mayastor's nodes are no Kubernetes labels and are not read: kubectl mayastor get nodes --show-labels shows them.",
    "That a target which was replaced writes no more, by its record in etcd and by reservations on the copies, follows the source.",
    "A witness's nodes must not offer DiskPools: a class cannot keep copies off them.",
    "Restored claims are taken to need exactly the snapshot's size.",
    "A volume's snapshots live on the copies that it had then; copies built again later carry none of them.",
    "Encryption by DiskPools follows the documentation; pools, their keys and their spread are not read.",
  ],
  check: checkMayastor,
  provisioner: () => PROVISIONER,
  storageClass,
  companions: () => [],
  snapshotClass: ({ site }) => ({
    name: site.snapshots.className,
    driver: PROVISIONER,
    deletionPolicy: site.snapshots.deletionPolicy,
    parameters: { quiesceFs: textOption(site.backendOptions, "quiesceFs") ?? "freeze" },
  }),
  groupSnapshotClass: () => undefined,
  failover,
  survival: ({ site, topology }, loss) =>
    verdict(
      { topology, factor: site.replicationFactor, automatic: site.failover === "automatic" },
      electedModel({
        topology,
        factor: site.replicationFactor,
        quorumGroups: [
          {
            one: "etcd member",
            bySite: membersBySite(site.backendOptions, "etcdMembers", topology),
            everywhere: true,
          },
        ],
        minimum: 1,
        // One target writes a volume; another one takes over only by a change in etcd that stops the first.
        settlesTakes: true,
        snapshots: "firstCopies",
      }),
      loss,
    ),
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command: `kubectl mayastor -n ${namespaceOf(site.backendOptions)} scale volume VOLUME ${site.replicationFactor}`,
  }),
  clusterChecks,
  observation: mayastorObservation,
};

function storageClass({ site, topology }: StorageRequest, spec: StorageClassSpec): ClassPlan {
  const snapshots = textOption(spec.options, "maxSnapshots");
  return {
    spec,
    provisioner: PROVISIONER,
    parameters: {
      repl: String(site.replicationFactor),
      protocol: "nvmf",
      // Anything but this very text means thick, and a restored volume has to be thin.
      thin: "true",
      // Copies always stand on different nodes; a second topology parameter beside this one is refused by the driver.
      ...(topology.spread === "sites"
        ? { nodeSpreadTopologyKey: textOption(site.backendOptions, "nodeSpreadKey") ?? "" }
        : {}),
      ...(snapshots === undefined ? {} : { maxSnapshots: snapshots }),
      ...(spec.encryption ? { encrypted: "true" } : {}),
      ...fsTypeParameter(spec),
    },
    // The driver publishes no zone, so topologies would leave claims pending and restrict no copy.
    allowedTopologies: undefined,
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

function failover({ site }: StorageRequest): FailoverPlan | { readonly refused: Problem } {
  const options = site.backendOptions;
  const namespace = namespaceOf(options);
  if (site.failover === "manual") {
    return {
      mode: "manual",
      why: "failover: manual is configured",
      steps: [
        "switch NODE off, or see that it is: while it runs it may go on writing",
        "kubectl taint node NODE node.kubernetes.io/out-of-service=nodeshutdown:NoExecute",
        "wait until the pods run on another node",
        `kubectl mayastor -n ${namespace} get volumes, until every volume is Online again`,
        "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node is back",
      ],
    };
  }
  const check = textOption(options, "nodeHealthCheck");
  const missing = [
    ...(check === undefined
      ? ["backendOptions.nodeHealthCheck with the NodeHealthCheck that taints a lost node"]
      : []),
    ...(options["nvmeMultipath"] === true ? [] : ["backendOptions.nvmeMultipath: true"]),
  ];
  return check === undefined || missing.length > 0
    ? {
        refused: {
          path: "failover",
          value: shown("automatic"),
          message:
            "Mayastor moves the target of a volume, on nodes with NVMe multipath, but not the pods of a lost node, which stay " +
            "with their volumes until the node is tainted as out of service",
          allowed: `Allowed: manual, or ${listed(missing)}`,
        },
      }
    : {
        mode: "automatic",
        mechanism:
          `the NodeHealthCheck ${check} has a lost node tainted as out of service, and Kubernetes starts its pods elsewhere; ` +
          "Mayastor moves the targets of the other volumes by NVMe multipath, as stated",
        rebuilds:
          "yes: after 10 minutes a lost copy is built again, where a pool on a node and in a site that hold none is left",
      };
}

function clusterChecks({ site, topology }: StorageRequest): readonly ClusterCheck[] {
  const health = textOption(site.backendOptions, "nodeHealthCheck");
  const nodes = topology.dataSites.flatMap((place) => place.storageNodes);
  return [
    {
      id: "driver",
      title: "the Mayastor CSI driver is installed",
      requires: { kind: "csiDriver", name: PROVISIONER },
      severity: "error",
      remedy: "install OpenEBS with replicated storage",
    },
    {
      id: "io-engine",
      title: "the storage nodes run Mayastor's io-engine",
      requires: {
        kind: "nodeLabel",
        key: "openebs.io/engine",
        nodes,
        value: "mayastor",
      },
      severity: "error",
      remedy: `kubectl label node ${nodes.join(" ")} openebs.io/engine=mayastor`,
    },
    ...(site.failover === "automatic" && health !== undefined
      ? [
          {
            id: "failover",
            title: `the NodeHealthCheck ${health} is there`,
            requires: {
              kind: "object" as const,
              apiVersion: "remediation.medik8s.io/v1alpha1",
              object: "NodeHealthCheck",
              name: health,
            },
            severity: "error" as const,
            remedy:
              "create it with a remediation that sets the out-of-service taint and a minHealthy that a lost site does not undercut, or set failover: manual",
          },
        ]
      : []),
  ];
}
