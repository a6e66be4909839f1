import type { SitePlan } from "../../../planning/plan";
import { NODE_FACTS } from "../../../planning/topology";
import { mayMove } from "../capacity";
import { judgeDegraded } from "./declared";
import type { Rule } from "./rule";

/** Objects that say where a backend's labels come from, by backend; the others keep theirs where nothing here reads. */
const LABELS_UNREAD: Readonly<Partial<Record<SitePlan["site"]["backend"], string>>> = {
  linstor: "properties of LINSTOR's nodes are not read; Piraeus copies the zone label to them",
  mayastor: "labels of Mayastor's nodes and pools are no Kubernetes labels and are not read",
  "rook-ceph": "the CRUSH tree is made from the labels when an OSD is first made, and is not read",
};

const POOLS_UNREAD: typeof LABELS_UNREAD = {
  linstor: "LINSTOR's storage pools are not read",
  mayastor: "DiskPools are not read",
  "vsphere-csi": "the storage policy is not read from vCenter",
  generic: "nothing is known of this storage",
};

/** What is judged in the cluster, read-only. */
export const CLUSTER_RULES: readonly Rule[] = [
  {
    number: 14,
    id: "driver",
    title: "The CSI driver is installed, on every node that holds copies",
    reason: "a node without the driver can use none of its volumes",
    source: "Kubernetes API, CSIDriver and CSINode",
    fix: "install the driver, or look why its node plugin does not run there",
    checks: ["driver"],
    systems: ["cluster"],
  },
  {
    number: 15,
    id: NODE_FACTS,
    title: "Every node is where the stack file says: its site label, its role, its UUID",
    reason:
      "LINSTOR takes an unlabelled node for a site of its own, Longhorn all of them for one; the survival proof stands on it",
    source: "Kubernetes API, Node; placement of the drivers",
    fix: "label the node, or correct topology and virtualMachines.nodes",
    drift: ({ object, kind, blocked }) =>
      /^(Node |nodes$|control plane$)/.test(object)
        ? kind === "unknown"
          ? "unknown"
          : blocked === undefined
            ? "warning"
            : "error"
        : undefined,
    systems: ["cluster"],
  },
  {
    number: 16,
    id: "label-source",
    title: "The storage reads the sites from where they are said",
    reason:
      "LINSTOR, Mayastor, Ceph and vSphere keep labels of their own beside those of the nodes",
    source: "placement pages of the backends",
    fix: "set the backend's own labels, as the check says",
    keys: /^backendOptions\.(siteProperty|nodeSpreadKey|nodeAffinityLabels|poolAffinityLabels)\b/,
    checks: ["io-engine", "category"],
    systems: ["cluster"],
    notObserved: ({ site }) => LABELS_UNREAD[site.backend],
    double: "nodes with the labels of Mayastor and of vSphere's categories",
  },
  {
    number: 17,
    id: "capacity",
    title: "The other sites have room for the copies of a lost one",
    reason: "after a loss not every volume gets its copies back",
    source: "Kubernetes documentation, Storage Capacity",
    fix: "add storage to the other sites",
    checks: ["capacity"],
    systems: ["cluster"],
    rests: ({ topology, site }) =>
      mayMove(topology, site.replicationFactor)
        ? undefined
        : "copies of a lost site wait for its return: no other site may take them",
    double: "CSIStorageCapacity: no driver of the lab publishes it",
  },
  {
    number: 18,
    id: "pools",
    title: "Pools, groups and policies that the classes name are there",
    reason: "a claim of a class without its pool stays pending",
    source: "resource definitions of Rook, Longhorn and Portworx",
    fix: "make the pool, or correct the name in backendOptions",
    keys: /^backendOptions\.(storagePool|poolKind|storagePolicy|pool|filesystem|strategy|declarePool)$/,
    checks: ["pool", "pools", "cluster", "strategies", "settings"],
    systems: ["cluster"],
    notObserved: ({ site }) => POOLS_UNREAD[site.backend],
    double: "objects of Rook, Longhorn and Portworx",
  },
  {
    number: 19,
    id: "votes",
    title: "Witness, tie-breaker, monitors and members stand in sites of their own, odd in number",
    reason: "the loss of a site takes the majority with it",
    source: "LINSTOR, Auto-Quorum; Ceph, Stretch Clusters; etcd, Failure Tolerance",
    fix: "a node for the tie-breaker in the witness's site; an odd number of members over three sites",
    keys: /^topology\.sites\b|^backendOptions\.(monitors|etcdMembers|kvdbMembers|quorum|preferredSite|siteDisasterTolerance|allowRemoteVolumeAccess)\b/,
  },
  {
    number: 20,
    id: "failover",
    title: "What moves workloads from a lost node is switched on, or a person does it",
    reason: "without it pods and volumes of a lost node stay there until somebody acts",
    source: "Piraeus HA controller; Longhorn, Node Failure; medik8s; vSphere HA",
    fix: "switch the mechanism on, or failover: manual, and follow its steps",
    keys: /^failover$|^backendOptions\.(nodeHealthCheck|nvmeMultipath|highAvailability|drs|storkHealthMonitor|failoverMechanism)$/,
    checks: ["failover", "fencing"],
    systems: ["cluster"],
    notObserved: ({ site, failover }) =>
      failover.mode === "automatic" && ["vsphere-csi", "generic"].includes(site.backend)
        ? "that it is on is the operator's statement"
        : undefined,
    double: "the objects of each mechanism",
  },
  {
    number: 21,
    id: "same-name",
    title: "No class of somebody else has the name of ours",
    reason: "its volumes are made by other parameters than the plan promises",
    source: "Kubernetes, ValidateStorageClassUpdate",
    fix: "give ours another name, or take it over with ./atom adopt",
    drift: ({ kind, object, blocked }) =>
      !/^(StorageClass|Volume(Group)?SnapshotClass) /.test(object)
        ? undefined
        : kind === "unknown"
          ? "unknown"
          : blocked === true
            ? "error"
            : kind === "differs"
              ? "warning"
              : undefined,
    mended: true,
    systems: ["cluster"],
  },
  {
    number: 22,
    id: "snapshot-controller",
    title: "The snapshot CRDs are served in the declared version, and one snapshot controller runs",
    reason: "without it no snapshot becomes ready; two of them take each snapshot twice",
    source: "external-snapshotter, README",
    fix: "snapshots.installController: true where the cluster has none",
    keys: /^snapshots\.controller/,
    checks: ["kind-served", "snapshot-controller"],
    systems: ["cluster"],
  },
  {
    number: 23,
    id: "whole-volumes",
    title: "Longhorn makes no volume that lacks copies",
    reason: "by default it binds a volume whose copies could not all be placed",
    source: "Longhorn, Settings (allow-volume-creation-with-degraded-availability)",
    fix: "./atom up declares the setting",
    declared: judgeDegraded,
    rests: ({ site }) => (site.backend === "longhorn" ? undefined : "the backend is not Longhorn"),
    double: "of Longhorn nothing but its declarations is made here",
  },
];

/** The same where backups by Velero are described. */
export const VELERO_RULE: Rule = {
  number: 29,
  id: "velero-store",
  title: "Velero's object store is outside of this cluster",
  reason: "backups inside the cluster are lost with it",
  source: "Kubernetes API, Service, Ingress and Node",
  fix: "another nodeBackups.velero.endpoint",
  keys: /^nodeBackups\.velero\b/,
  drift: ({ object, kind, blocked }) =>
    !object.startsWith("Velero's ")
      ? undefined
      : kind === "unknown"
        ? "unknown"
        : blocked === true
          ? "error"
          : "warning",
  systems: ["cluster"],
  rests: ({ site }) =>
    site.nodeBackups.velero === undefined
      ? "nodeBackups.velero is not in the stack file"
      : undefined,
};
