import { verdict } from "../survival/verdict";
import type { ClusterCheck, StorageBackend, StorageRequest } from "./backend";
import { textOption } from "./options";
import { checkRookCeph } from "./rookCephChecks";
import { cephClass, cephGroupSnapshotClass, cephSnapshotClass } from "./rookCephClass";
import { cephObservation } from "./rookCephReplicas";
import { cephFailover } from "./rookCephFailover";
import { cephLayout } from "./rookCephLayout";
import { cephModel } from "./rookCephModel";
import {
  clusterNamespace,
  isBlock,
  operatorNamespace,
  OPTIONS,
  provisioner,
} from "./rookCephOptions";
import { cephCompanions } from "./rookCephPools";
import { siteLabelChecks } from "./siteLabels";
import { isAtLeast } from "./version";

/** First release that documents group snapshots of both drivers. */
const GROUP_SNAPSHOTS = "1.16";

/** Ceph, as Rook runs it: copies stand in a pool, monitors decide by majority. */
export const rookCeph: StorageBackend = {
  id: "rook-ceph",
  title: "Rook-Ceph",
  options: OPTIONS,
  classOptions: {},
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
  check: checkRookCeph,
  provisioner,
  storageClass: cephClass,
  companions: cephCompanions,
  snapshotClass: cephSnapshotClass,
  groupSnapshotClass: (request) =>
    isAtLeast(request.site.backendVersion, GROUP_SNAPSHOTS)
      ? cephGroupSnapshotClass(request)
      : undefined,
  failover: cephFailover,
  survival: (request, loss) =>
    verdict(
      {
        topology: request.topology,
        factor: request.site.replicationFactor,
        automatic: request.site.failover === "automatic",
      },
      cephModel(request.topology, request.site.replicationFactor, cephLayout(request)),
      loss,
    ),
  // The number of copies is the pool's: Ceph copies what is in it as soon as the pool asks for more.
  raiseFactor: () => ({ existingVolumes: "backfilled", command: undefined }),
  clusterChecks,
  observation: cephObservation,
};

function clusterChecks(request: StorageRequest): readonly ClusterCheck[] {
  const { site, topology } = request;
  const options = site.backendOptions;
  const layout = cephLayout(request);
  const kind = isBlock(options) ? "CephBlockPool" : "CephFilesystem";
  return [
    {
      id: "driver",
      title: `the Ceph CSI driver ${provisioner(options)} is installed`,
      requires: { kind: "csiDriver", name: provisioner(options) },
      severity: "error",
      remedy: "install Rook, or correct backendOptions.operatorNamespace or driverPrefix",
    },
    {
      id: "pools",
      title: `a ${kind} can be declared`,
      requires: { kind: "crd", name: `${kind.toLowerCase()}s.ceph.rook.io`, version: "v1" },
      severity: "error",
      remedy: "install the Rook operator with its resource definitions",
    },
    object("cluster", `the CephCluster ${clusterName(request)} is there`, {
      apiVersion: "ceph.rook.io/v1",
      object: "CephCluster",
      namespace: clusterNamespace(options),
      name: clusterName(request),
      remedy: layout.stretch
        ? `create the CephCluster with mon.count: 5 and mon.stretchCluster over the sites ${[...layout.monitors.keys()].join(", ")}`
        : "create the CephCluster with its monitors where backendOptions.monitors says, each on a node of its own",
    }),
    // Of a witness with monitors too: Rook places them over sites by this label.
    ...siteLabelChecks(
      request,
      topology.witnessSites.some((place) => layout.monitors.has(place.name)),
    ),
    ...(site.failover === "automatic" ? failoverChecks(request) : []),
    ...(site.classes.some((spec) => spec.encryption)
      ? [
          object("keys", "the key management service is configured", {
            apiVersion: "v1",
            object: "ConfigMap",
            namespace: operatorNamespace(options),
            name: "rook-ceph-csi-kms-config",
            remedy:
              "create the ConfigMap rook-ceph-csi-kms-config with the entry of backendOptions.encryptionKmsId",
          }),
        ]
      : []),
  ];
}

function failoverChecks({ site }: StorageRequest): readonly ClusterCheck[] {
  const name = textOption(site.backendOptions, "nodeHealthCheck");
  return [
    {
      id: "fencing",
      title: "the controller that lifts the fencing of a node is installed",
      requires: {
        kind: "crd",
        name: "csiaddonsnodes.csiaddons.openshift.io",
        version: "v1alpha1",
      },
      severity: "error",
      remedy: "install the CSI-Addons controller, or set failover: manual",
    },
    ...(name === undefined
      ? []
      : [
          object("failover", `the NodeHealthCheck ${name} is there`, {
            apiVersion: "remediation.medik8s.io/v1alpha1",
            object: "NodeHealthCheck",
            name,
            remedy:
              "create it with a remediation that sets the out-of-service taint and a minHealthy that a lost site does not undercut, or set failover: manual",
          }),
        ]),
  ];
}

function object(
  id: string,
  title: string,
  { remedy, ...wanted }: Omit<ObjectRequirement, "kind"> & { readonly remedy: string },
): ClusterCheck {
  return { id, title, requires: { kind: "object", ...wanted }, severity: "error", remedy };
}

type ObjectRequirement = Extract<ClusterCheck["requires"], { readonly kind: "object" }>;

function clusterName({ site }: StorageRequest): string {
  return textOption(site.backendOptions, "clusterName") ?? "rook-ceph";
}
