import type { Options } from "../plan";
import { apiOptions } from "./apiOptions";
import type { OptionSpec } from "./backend";
import { flag, HEALTH_CHECK, text, textOption, texts, wholeNumber, listOption } from "./options";
import { electedModel } from "../survival/quorumGroups";
import type { Site } from "../site";
import { listed } from "../words";
import { driverCheck, healthCheck, labelCheck, membersBySite } from "./common";
import { BY_HAND, defineBackend } from "./define";
import { mayastorRules } from "./mayastorChecks";
import { mayastorObservation } from "./mayastorReplicas";

const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  namespace: text("namespace that Mayastor runs in", { default: "openebs" }),
  nodeSpreadKey: text(
    "label of the Mayastor nodes (kubectl mayastor label node NODE KEY=SITE, not a Kubernetes label) whose values are the sites; needed with two data sites or more",
  ),
  nodeAffinityLabels: texts(
    "labels of the Mayastor nodes that may hold copies, each as key=value; with one data site",
  ),
  poolAffinityLabels: texts(
    "labels of the DiskPools that may hold copies, each as key=value; with one data site",
  ),
  etcdMembers: texts(
    "site of each member of Mayastor's etcd, one entry per member; an odd number of three or more, each on a node of its own",
    { default: "three in the only data site" },
  ),
  nvmeMultipath: flag(
    "whether every node that runs workloads boots with nvme_core.multipath=Y, without which a volume cannot change its target while it is in use; needed for failover: automatic",
    { default: "false" },
  ),
  nodeHealthCheck: HEALTH_CHECK,
  quiesceFs: text("freeze: a snapshot waits until the file system is at rest; none: it does not", {
    allowed: ["freeze", "none"],
    default: "freeze",
  }),
  encryptedPools: flag(
    "whether there are as many DiskPools with encryptionConfig as copies, spread as the copies are; needed for encrypted classes",
    { default: "false" },
  ),
  ...apiOptions("Mayastor's REST API", "https://mayastor.example:8080", "token"),
};

const CLASS_OPTIONS = {
  maxSnapshots: wholeNumber("most snapshots of one volume", {
    minimum: 1,
    default: "no limit of the class",
  }),
};

function namespaceOf(options: Options): string {
  return textOption(options, "namespace") ?? "openebs";
}

const PROVISIONER = "io.openebs.csi-mayastor";

/** OpenEBS Mayastor: hard placement by one label of its own, copies' state in its own etcd, no quorum per volume. */
export const mayastor = defineBackend({
  id: "mayastor",
  title: "OpenEBS Mayastor",
  options: OPTIONS,
  classOptions: CLASS_OPTIONS,
  limits: {
    // The driver reads the number into one byte.
    replicas: 255,
    snapshotsPerVolume: undefined,
    restoreSize: "equal",
    restoredCopies: "repl",
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
  harmless: {
    cloneFsIdAsVolumeId:
      "Whether a restored file system gets an identity of its own, which XFS and btrfs need.",
    nvmeNrIoQueues: "Queues of a connection.",
    nvmeCtrlLossTmo: "How long a lost connection is tried anew, in seconds.",
    nvmeKeepAliveTmo: "How long a silent connection is kept, in milliseconds.",
  },
  rules: mayastorRules,
  provisioner: PROVISIONER,
  parameters: ({ site, topology }, spec) => {
    const snapshots = textOption(spec.options, "maxSnapshots");
    return {
      repl: String(site.replicationFactor),
      protocol: "nvmf",
      // Anything but this very text means thick, and a restored volume has to be thin.
      thin: "true",
      // Copies always stand on different nodes; a second topology parameter beside this one is refused by the driver.
      ...(topology.spread === "sites"
        ? { nodeSpreadTopologyKey: textOption(site.backendOptions, "nodeSpreadKey") ?? "" }
        : {}),
      ...affinity("nodeAffinityTopologyLabel", site, "nodeAffinityLabels"),
      ...affinity("poolAffinityTopologyLabel", site, "poolAffinityLabels"),
      ...(snapshots === undefined ? {} : { maxSnapshots: snapshots }),
      ...(spec.encryption ? { encrypted: "true" } : {}),
    };
  },
  snapshotParameters: ({ site }) => ({
    quiesceFs: textOption(site.backendOptions, "quiesceFs") ?? "freeze",
  }),
  automatic: ({ site }) => {
    const check = textOption(site.backendOptions, "nodeHealthCheck");
    const multipath = site.backendOptions["nvmeMultipath"] === true;
    const missing = [
      ...(check === undefined
        ? ["backendOptions.nodeHealthCheck with the NodeHealthCheck that taints a lost node"]
        : []),
      ...(multipath ? [] : ["backendOptions.nvmeMultipath: true"]),
    ];
    return check === undefined || !multipath
      ? {
          missing:
            "Mayastor moves the target of a volume, on nodes with NVMe multipath, but not the pods of a lost node, which stay " +
            "with their volumes until the node is tainted as out of service",
          instead: `, or ${listed(missing)}`,
        }
      : {
          mechanism:
            `the NodeHealthCheck ${check} has a lost node tainted as out of service, and Kubernetes starts its pods elsewhere; ` +
            "Mayastor moves the targets of the other volumes by NVMe multipath, as stated",
          rebuilds:
            "yes: after 10 minutes a lost copy is built again, where a pool on a node and in a site that hold none is left",
        };
  },
  manualSteps: (options) => [
    BY_HAND.switchOff,
    BY_HAND.taint,
    BY_HAND.wait,
    `kubectl mayastor -n ${namespaceOf(options)} get volumes, until every volume is Online again`,
    BY_HAND.untaint,
  ],
  model: ({ site, topology }) =>
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
      settlesPartitions: true,
      snapshots: "firstCopies",
    }),
  raiseFactor: ({ site }) => ({
    existingVolumes: "unchanged",
    command: `kubectl mayastor -n ${namespaceOf(site.backendOptions)} scale volume VOLUME ${site.replicationFactor}`,
  }),
  clusterChecks: (request) => {
    const nodes = request.topology.dataSites.flatMap((place) => place.storageNodes);
    return [
      driverCheck("Mayastor CSI driver", PROVISIONER, "install OpenEBS with replicated storage"),
      labelCheck(
        "io-engine",
        "the storage nodes run Mayastor's io-engine",
        { key: "openebs.io/engine", nodes, value: "mayastor" },
        `kubectl label node ${nodes.join(" ")} openebs.io/engine=mayastor`,
      ),
      ...(request.site.failover === "automatic" ? healthCheck(request) : []),
    ];
  },
  observation: mayastorObservation,
});

/** A line for each label. */
function affinity(
  parameter: string,
  { backendOptions }: Site,
  option: string,
): Record<string, string> {
  const labels = listOption(backendOptions, option).map((label) => label.replace("=", ": "));
  return labels.length === 0 ? {} : { [parameter]: labels.join("\n") };
}
