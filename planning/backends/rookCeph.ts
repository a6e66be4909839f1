import type { StorageRequest } from "./backend";
import { crdCheck, driverCheck, healthCheck, objectCheck } from "./common";
import { BY_HAND, type Automatic, defineBackend } from "./define";
import { textOption } from "./options";
import { cephRules } from "./rookCephChecks";
import {
  cephParameters,
  groupParameters,
  snapshotParameters,
  cephCompanions,
} from "./rookCephPools";
import {
  cephLayout,
  clusterNamespace,
  filesystemName,
  isBlock,
  operatorNamespace,
  OPTIONS,
  poolName,
  provisioner,
} from "./rookCephOptions";
import { cephModel } from "./rookCephModel";
import { cephObservation } from "./rookCephReplicas";
import { isAtLeast } from "./version";

/** First release that documents group snapshots of both drivers. */
const GROUP_SNAPSHOTS = "1.16";

/** First release whose drivers are known here to fence by a switch that can be declared. */
const DECLARED_FENCING = "1.20";

/** Ceph, as Rook runs it: copies stand in a pool, monitors decide by majority. */
export const rookCeph = defineBackend({
  id: "rook-ceph",
  title: "Rook-Ceph",
  options: OPTIONS,
  limits: {
    // A CRUSH rule of Rook's serves pools up to this size.
    replicas: 10,
    // CephFS keeps 100 per directory; RBD would flatten from 450 on.
    snapshotsPerVolume: 100,
    restoreSize: "atLeast",
    expandWithSnapshots: true,
  },
  unverified: [
    "Losses are judged by Ceph's documentation of monitors, min_size and the stretch mode; no Ceph cluster was run.",
    "The pool, the file system and the driver's switches pass the schemas of Rook's resource definitions; the class's parameters are those of Rook's examples and of the driver's code, and were not fed to a driver.",
    "The stretch mode is a setting of the CephCluster (spec.mon.stretchCluster), which is looked for by name only: whether it is stretched is not read.",
    "Where the monitors run is taken from the stack file, or from Rook's rule of the stretch mode; the live ones are not read.",
    "Rook reads a node's site label when it makes the node's OSDs; a label set later leaves Ceph's own tree as it was.",
    "That the NodeHealthCheck's remediation sets the out-of-service taint, and that its minHealthy still lets it act when a whole site is lost, is the operator's statement; only its presence is checked.",
    "Lost copies are made again after 10 minutes and never for a whole lost site: Ceph's defaults, which a cluster may change.",
  ],
  harmless: {
    mkfsOptions: "Options of mkfs.",
    mounter: "By which client an image or file system is mounted.",
    tryOtherMounters: "Whether another client is tried.",
    mapOptions: "Options of the block client.",
    unmapOptions: "Options of the block client.",
    kernelMountOptions: "Mount options of the kernel's CephFS.",
    fuseMountOptions: "Mount options of ceph-fuse.",
    volumeNamePrefix: "Beginning of the names of images and subvolumes.",
    stripeUnit: "How an image is cut into objects.",
    stripeCount: "How an image is cut into objects.",
    objectSize: "How an image is cut into objects.",
  },
  rules: cephRules,
  provisioner,
  parameters: ({ site }, spec) => cephParameters(site.backendOptions, spec),
  companions: cephCompanions,
  snapshotParameters: ({ site }) => snapshotParameters(site.backendOptions),
  groupParameters: ({ site }) =>
    isAtLeast(site.backendVersion, GROUP_SNAPSHOTS)
      ? groupParameters(site.backendOptions)
      : undefined,
  automatic,
  manualSteps: (options) => [
    BY_HAND.switchOff,
    BY_HAND.taint,
    BY_HAND.wait,
    `kubectl -n ${clusterNamespace(options)} exec deploy/rook-ceph-tools -- ceph status, until no placement group is degraded`,
    "kubectl taint node NODE node.kubernetes.io/out-of-service- once the node has been switched off and on again",
  ],
  model: (request) =>
    cephModel(request.topology, request.site.replicationFactor, cephLayout(request)),
  // The number of copies is the pool's: Ceph copies what is in it as soon as the pool asks for more.
  raiseFactor: () => ({ existingVolumes: "backfilled", command: undefined }),
  clusterChecks: (request) => {
    const { site } = request;
    const options = site.backendOptions;
    const layout = cephLayout(request);
    const kind = isBlock(options) ? "CephBlockPool" : "CephFilesystem";
    const cluster = textOption(options, "clusterName") ?? "rook-ceph";
    const kms = "rook-ceph-csi-kms-config";
    const fencing = crdCheck(
      "fencing",
      "the controller that lifts the fencing of a node is installed",
      { name: "csiaddonsnodes.csiaddons.openshift.io", version: "v1alpha1" },
      "install the CSI-Addons controller, or set failover: manual",
    );
    const name = isBlock(options) ? poolName(options) : filesystemName(options);
    const existing = objectCheck(
      "pool",
      `the ${kind} ${name} is there`,
      { apiVersion: "ceph.rook.io/v1", object: kind, namespace: clusterNamespace(options), name },
      "create it, or take backendOptions.declarePool out",
    );
    const keys = objectCheck(
      "keys",
      "the key management service is configured",
      { apiVersion: "v1", object: "ConfigMap", namespace: operatorNamespace(options), name: kms },
      `create the ConfigMap ${kms} with the entry of backendOptions.encryptionKmsId`,
    );
    return [
      driverCheck(
        `Ceph CSI driver ${provisioner(options)}`,
        provisioner(options),
        "install Rook, or correct backendOptions.operatorNamespace or driverPrefix",
      ),
      crdCheck(
        "pools",
        `a ${kind} can be declared`,
        { name: `${kind.toLowerCase()}s.ceph.rook.io`, version: "v1" },
        "install the Rook operator with its resource definitions",
      ),
      objectCheck(
        "cluster",
        `the CephCluster ${cluster} is there`,
        {
          apiVersion: "ceph.rook.io/v1",
          object: "CephCluster",
          namespace: clusterNamespace(options),
          name: cluster,
        },
        layout.stretch
          ? `create the CephCluster with mon.count: 5 and mon.stretchCluster over the sites ${[...layout.monitors.keys()].join(", ")}`
          : "create the CephCluster with its monitors where backendOptions.monitors says, each on a node of its own",
      ),
      ...(options["declarePool"] === false ? [existing] : []),
      ...(site.failover === "automatic" ? [fencing, ...healthCheck(request)] : []),
      ...(site.classes.some((spec) => spec.encryption) ? [keys] : []),
    ];
  },
  observation: cephObservation,
});

/** A volume of a lost node stays there until the node is tainted, and is safe elsewhere once the node is fenced. */
function automatic({ site, topology }: StorageRequest): Automatic {
  const check = textOption(site.backendOptions, "nodeHealthCheck");
  if (!isBlock(site.backendOptions)) {
    return {
      missing:
        "the driver fences a lost node for block volumes only, so a shared file system is moved by a person",
      instead: ", or storage: rbd",
    };
  }
  if (!isAtLeast(site.backendVersion, DECLARED_FENCING)) {
    return {
      missing: `before Rook ${DECLARED_FENCING} the fencing of a lost node cannot be declared on the driver`,
      instead: `, or Rook ${DECLARED_FENCING} or newer`,
    };
  }
  return check === undefined
    ? {
        missing:
          "nothing is named that taints a lost node as out of service, and until then its volumes stay attached to it",
        instead:
          ", or backendOptions.nodeHealthCheck with the NodeHealthCheck whose remediation does",
      }
    : {
        mechanism:
          `the NodeHealthCheck ${check} has a lost node tainted as out of service; Kubernetes then frees its volumes, and ` +
          "the driver shuts the node out of Ceph before another one takes them",
        rebuilds:
          `yes: after 10 minutes Ceph makes the copies of a lost node again where ${topology.spread === "sites" ? "its site has" : "there is"} a node ` +
          "without one; those of a whole lost site wait for its return",
      };
}
