import type { ClusterObject } from "../../../clients/kubernetes/object";
import { LAB_CSI_DRIVER } from "../../../lab/inventory";
import { changed, changedStatus, posted, ref, removed, silentFor, type Tampering } from "./tamper";

const STORAGE = "storage.k8s.io/v1";
const SNAPSHOTS = "snapshot.storage.k8s.io/v1";
const GROUPS = "groupsnapshot.storage.k8s.io/v1";
const ZONE = "topology.kubernetes.io/zone";

export const CLASS = ref(STORAGE, "StorageClass", "atom-replicated");
const snapshotClass = ref(SNAPSHOTS, "VolumeSnapshotClass", "atom-snapshots");
const groupClass = ref(GROUPS, "VolumeGroupSnapshotClass", "atom-snapshots");

const differs = (object: string, ...paths: readonly string[]): readonly string[] => [
  [`differs ${object}`, ...paths].join(" | "),
];
const ofClass = (...paths: readonly string[]) => differs("StorageClass atom-replicated", ...paths);
const ofSnapshots = (...paths: readonly string[]) =>
  differs("VolumeSnapshotClass atom-snapshots", ...paths);
const ofGroups = (...paths: readonly string[]) =>
  differs("VolumeGroupSnapshotClass atom-snapshots", ...paths);

const DEFAULT = "storageclass.kubernetes.io/is-default-class";

const metadata = (change: object) => (live: ClusterObject) => ({
  metadata: { ...live.metadata, ...change },
});

const withParameter = (key: string, value: string) => (live: ClusterObject) => ({
  parameters: { ...(live["parameters"] as object), [key]: value },
});

/** A class of somebody else, which says that it is default. */
const secondDefault = (
  apiVersion: string,
  kind: string,
  mark: string,
  fields: object,
): Tampering["make"] =>
  posted({
    apiVersion,
    kind,
    metadata: { name: "theirs", annotations: { [mark]: "true" } },
    ...fields,
  });

const theirs = { driver: LAB_CSI_DRIVER, deletionPolicy: "Delete" };

const label = (node: string, value: string | undefined, key = ZONE): Tampering["make"] =>
  changed(ref("v1", "Node", node), ({ metadata: live }) => {
    const { [key]: _, ...others } = live.labels ?? {};
    const labels = value === undefined ? others : { ...others, [key]: value };
    return { metadata: { ...live, labels } };
  });

const CONTROL_PLANE = "node-role.kubernetes.io/control-plane";
const zoneOf = (node: string) => differs(`Node ${node}`, `metadata.labels["${ZONE}"]`);

const drivers = (list: readonly object[]): Tampering["make"] =>
  changed(ref(STORAGE, "CSINode", "atom-b-2"), () => ({ spec: { drivers: list } }));

/** The definition of a kind of snapshots serves its version no more. */
const unserved = (plural: string): Tampering["make"] =>
  changed(
    ref("apiextensions.k8s.io/v1", "CustomResourceDefinition", `${plural}.snapshot.storage.k8s.io`),
    (live) => {
      const spec = live["spec"] as { readonly versions: readonly object[] };
      return {
        spec: { ...spec, versions: spec.versions.map((one) => ({ ...one, served: false })) },
      };
    },
  );

/** A volume of the class as its driver would have left it. */
const volume = (csi: object): Tampering["make"] =>
  posted({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "tampered" },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "atom-replicated",
      capacity: { storage: "1Gi" },
      persistentVolumeReclaimPolicy: "Retain",
      csi: { driver: LAB_CSI_DRIVER, volumeHandle: "tampered", ...csi },
    },
  });

const onNodes = (...nodes: readonly string[]): Tampering["make"] =>
  volume({ volumeAttributes: { replicaNodes: nodes.join(",") } });

const copies = "copies of PersistentVolume tampered (no claim)";

/** What is done to the API server's objects that need no data plane. */
export const CLUSTER_TAMPERINGS: readonly Tampering[] = [
  {
    title: "a class that may not be expanded any more",
    gate: true,
    make: changed(CLASS, () => ({ allowVolumeExpansion: false })),
    finds: ofClass("allowVolumeExpansion"),
  },
  {
    title: "a class with mount options",
    make: changed(CLASS, () => ({ mountOptions: ["discard"] })),
    finds: ofClass("mountOptions"),
  },
  {
    title: "a class that is kept to one site",
    make: changed(CLASS, () => ({
      allowedTopologies: [{ matchLabelExpressions: [{ key: ZONE, values: ["a"] }] }],
    })),
    finds: ofClass("allowedTopologies"),
  },
  {
    title: "a class without its owner's label",
    make: changed(CLASS, metadata({ labels: { "app.kubernetes.io/part-of": "atom" } })),
    finds: ofClass(
      'metadata.labels["app.kubernetes.io/managed-by"]',
      'metadata.labels["atom-backup/stack"]',
    ),
  },
  {
    title: "a class that is not default any more",
    make: changed(CLASS, metadata({ annotations: { [DEFAULT]: "false" } })),
    finds: ofClass(`metadata.annotations["${DEFAULT}"]`),
  },
  {
    title: "a class that is deleted",
    gate: true,
    make: removed(CLASS),
    finds: ["missing StorageClass atom-replicated"],
  },
  {
    title: "a class that is made anew with one copy",
    gate: true,
    make: removed(CLASS, withParameter("replicas", "1")),
    finds: ofClass("parameters.replicas"),
  },
  {
    title: "a class that is made anew with a parameter more",
    make: removed(CLASS, withParameter("pool", "fast")),
    finds: ofClass("parameters.pool"),
  },
  {
    title: "a class that is made anew without parameters",
    make: removed(CLASS, () => ({ parameters: {} })),
    finds: ofClass("parameters.maxPerDomain", "parameters.replicas", "parameters.spreadKey"),
  },
  {
    title: "a class that is made anew and deletes its volumes",
    make: removed(CLASS, () => ({ reclaimPolicy: "Delete" })),
    finds: ofClass("reclaimPolicy"),
  },
  {
    title: "a class that is made anew and binds at once",
    make: removed(CLASS, () => ({ volumeBindingMode: "Immediate" })),
    finds: ofClass("volumeBindingMode"),
  },
  {
    title: "a class that is made anew with another driver",
    make: removed(CLASS, () => ({ provisioner: "other.csi.example" })),
    finds: ofClass("provisioner"),
  },
  {
    title: "a second default class",
    gate: true,
    make: secondDefault(STORAGE, "StorageClass", DEFAULT, { provisioner: "example.com/none" }),
    finds: differs("StorageClass theirs", `metadata.annotations["${DEFAULT}"]`),
  },
  {
    title: "a second default class by the old mark",
    make: secondDefault(
      STORAGE,
      "StorageClass",
      "storageclass.beta.kubernetes.io/is-default-class",
      { provisioner: "example.com/none" },
    ),
    finds: differs(
      "StorageClass theirs",
      'metadata.annotations["storageclass.beta.kubernetes.io/is-default-class"]',
    ),
  },
  {
    title: "a snapshot class of another driver",
    gate: true,
    make: changed(snapshotClass, () => ({ driver: "other.csi.example" })),
    finds: ofSnapshots("driver"),
  },
  {
    title: "a snapshot class that deletes",
    make: changed(snapshotClass, () => ({ deletionPolicy: "Delete" })),
    finds: ofSnapshots("deletionPolicy"),
  },
  {
    title: "a snapshot class with a parameter",
    make: changed(snapshotClass, () => ({ parameters: { type: "bak" } })),
    finds: ofSnapshots("parameters"),
  },
  {
    title: "a snapshot class that is deleted",
    make: removed(snapshotClass),
    finds: ["missing VolumeSnapshotClass atom-snapshots"],
  },
  {
    title: "a default snapshot class of another driver",
    make: secondDefault(
      SNAPSHOTS,
      "VolumeSnapshotClass",
      "snapshot.storage.kubernetes.io/is-default-class",
      { ...theirs, driver: "other.csi.example" },
    ),
    finds: [],
  },
  {
    title: "a group class that is deleted",
    make: removed(groupClass),
    finds: ["missing VolumeGroupSnapshotClass atom-snapshots"],
  },
  {
    title: "a group class that is made anew and deletes",
    make: removed(groupClass, () => ({ deletionPolicy: "Delete" })),
    finds: ofGroups("deletionPolicy"),
  },
  {
    title: "a group class that is made anew with another driver",
    make: removed(groupClass, () => ({ driver: "other.csi.example" })),
    finds: ofGroups("driver"),
  },
  {
    title: "definitions of snapshot classes without v1",
    make: unserved("volumesnapshotclasses"),
    finds: ["missing VolumeSnapshotClass atom-snapshots"],
  },
  {
    title: "definitions of snapshots without v1",
    make: unserved("volumesnapshots"),
    finds: ["missing kind VolumeSnapshot"],
  },
  {
    title: "definitions of contents without v1",
    make: unserved("volumesnapshotcontents"),
    finds: ["missing kind VolumeSnapshotContent"],
  },
  {
    title: "a driver that is not registered",
    gate: true,
    make: removed(ref(STORAGE, "CSIDriver", LAB_CSI_DRIVER)),
    finds: differs(`CSIDriver ${LAB_CSI_DRIVER}`),
  },
  {
    title: "a node without a CSINode",
    gate: true,
    make: removed(ref(STORAGE, "CSINode", "atom-c-2")),
    finds: differs("CSINode atom-c-2"),
  },
  {
    title: "a node on which no driver is registered",
    make: drivers([]),
    finds: differs("CSINode atom-b-2"),
  },
  {
    title: "a node on which another driver is registered",
    make: drivers([{ name: "other.csi.example", nodeID: "atom-b-2", topologyKeys: null }]),
    finds: differs("CSINode atom-b-2"),
  },
  {
    title: "a storage node without its site",
    gate: true,
    make: label("atom-b-2", undefined),
    finds: zoneOf("atom-b-2"),
  },
  { title: "a site that is misspelt", make: label("atom-c-1", "C"), finds: zoneOf("atom-c-1") },
  {
    title: "a storage node in another site",
    make: label("atom-c-2", "b"),
    finds: zoneOf("atom-c-2"),
  },
  {
    title: "a control-plane node in another site",
    make: label("atom-b-cp", "a"),
    finds: [
      ...zoneOf("atom-b-cp"),
      ...differs(
        "control plane",
        "topology.sites[a].controlPlaneNodes",
        "topology.sites[b].controlPlaneNodes",
      ),
    ],
  },
  {
    title: "a storage node that runs the control plane",
    make: label("atom-a-2", "", CONTROL_PLANE),
    finds: [
      ...differs("Node atom-a-2", "role"),
      ...differs("control plane", "topology.sites[a].controlPlaneNodes"),
    ],
  },
  {
    title: "a node that has not been ready for an hour",
    make: changedStatus(ref("v1", "Node", "atom-b-1"), () => silentFor(3_600)),
    finds: differs("Node atom-b-1", "status.conditions[Ready]"),
  },
  {
    title: "a volume with one copy",
    gate: true,
    make: onNodes("atom-a-1"),
    finds: differs(copies),
  },
  {
    title: "a volume with both copies in one site",
    make: onNodes("atom-a-1", "atom-a-2"),
    finds: differs(copies),
  },
  {
    title: "a volume with both copies on one node",
    make: onNodes("atom-a-1", "atom-a-1"),
    finds: differs(copies),
  },
  {
    title: "a volume with a copy on a node that is gone",
    make: onNodes("atom-a-1", "atom-z-1"),
    finds: [`unknown ${copies}`],
  },
  {
    title: "a volume of another driver in the class",
    make: volume({ driver: "other.csi.example" }),
    finds: [`unknown ${copies}`],
  },
  {
    title: "a volume of which nothing is told",
    make: volume({}),
    finds: [`unknown ${copies}`],
  },
];
