import {
  deletionPolicy,
  exactlyOne,
  failure,
  fixed,
  flag,
  kept,
  moment,
  notEmpty,
  object,
  quantity,
  reference,
  size,
  text,
  texts,
  wholeNumber,
  type Kind,
  type ObjectShape,
} from "./schema";

/** API group of snapshots of single volumes. */
const GROUP = "snapshot.storage.k8s.io";
const REVIEW = "https://github.com/kubernetes-csi/external-snapshotter/pull";

const classShape: ObjectShape = {
  properties: { deletionPolicy, driver: text(), parameters: texts() },
  required: ["deletionPolicy", "driver"],
};

const volumeSnapshotClass: Kind = {
  group: GROUP,
  kind: "VolumeSnapshotClass",
  plural: "volumesnapshotclasses",
  shortNames: ["vsclass", "vsclasses"],
  scope: "Cluster",
  description: "How a driver cuts volume snapshots, and whether they outlive their objects.",
  approval: `${REVIEW}/814`,
  status: false,
  columns: [
    ["Driver", ".driver", "string"],
    ["DeletionPolicy", ".deletionPolicy", "string"],
  ],
  versions: [{ name: "v1", storage: true, shape: classShape }],
};

const snapshotShape: ObjectShape = {
  required: ["spec"],
  properties: {
    spec: object({
      required: ["source"],
      properties: {
        source: object({
          properties: {
            persistentVolumeClaimName: text(fixed("persistentVolumeClaimName")),
            volumeSnapshotContentName: text(fixed("volumeSnapshotContentName")),
          },
          rules: [
            kept("persistentVolumeClaimName"),
            kept("volumeSnapshotContentName"),
            exactlyOne("volumeSnapshotContentName", "persistentVolumeClaimName"),
          ],
        }),
        volumeSnapshotClassName: text(notEmpty("volumeSnapshotClassName")),
      },
    }),
    status: object({
      properties: {
        boundVolumeSnapshotContentName: text(),
        creationTime: moment,
        error: failure,
        readyToUse: flag,
        restoreSize: quantity,
        volumeGroupSnapshotName: text(),
      },
    }),
  },
};

const volumeSnapshot: Kind = {
  group: GROUP,
  kind: "VolumeSnapshot",
  plural: "volumesnapshots",
  shortNames: ["vs"],
  scope: "Namespaced",
  description: "Asks for a snapshot of one volume, or names one that is there.",
  approval: `${REVIEW}/814`,
  status: true,
  columns: [
    ["ReadyToUse", ".status.readyToUse", "boolean"],
    ["SourcePVC", ".spec.source.persistentVolumeClaimName", "string"],
    ["SourceSnapshotContent", ".spec.source.volumeSnapshotContentName", "string"],
    ["RestoreSize", ".status.restoreSize", "string"],
    ["SnapshotClass", ".spec.volumeSnapshotClassName", "string"],
    ["SnapshotContent", ".status.boundVolumeSnapshotContentName", "string"],
    ["CreationTime", ".status.creationTime", "date"],
  ],
  versions: [{ name: "v1", storage: true, shape: snapshotShape }],
};

const contentShape: ObjectShape = {
  required: ["spec"],
  properties: {
    spec: object({
      required: ["deletionPolicy", "driver", "source", "volumeSnapshotRef"],
      properties: {
        deletionPolicy,
        driver: text(),
        source: object({
          properties: {
            snapshotHandle: text(fixed("snapshotHandle")),
            volumeHandle: text(fixed("volumeHandle")),
          },
          rules: [
            kept("volumeHandle"),
            kept("snapshotHandle"),
            exactlyOne("volumeHandle", "snapshotHandle"),
          ],
        }),
        sourceVolumeMode: text(fixed("sourceVolumeMode")),
        volumeSnapshotClassName: text(),
        volumeSnapshotRef: reference("volumeSnapshotRef"),
      },
      rules: [kept("sourceVolumeMode")],
    }),
    status: object({
      properties: {
        // Nanoseconds since 1970, where the snapshot itself has a date: so it is in the API.
        creationTime: wholeNumber,
        error: failure,
        readyToUse: flag,
        restoreSize: size,
        snapshotHandle: text(),
        volumeGroupSnapshotHandle: text(),
      },
    }),
  },
};

const volumeSnapshotContent: Kind = {
  group: GROUP,
  kind: "VolumeSnapshotContent",
  plural: "volumesnapshotcontents",
  shortNames: ["vsc", "vscs"],
  scope: "Cluster",
  description: "The snapshot in the storage that a VolumeSnapshot is bound to.",
  approval: `${REVIEW}/955`,
  status: true,
  columns: [
    ["ReadyToUse", ".status.readyToUse", "boolean"],
    ["RestoreSize", ".status.restoreSize", "integer"],
    ["DeletionPolicy", ".spec.deletionPolicy", "string"],
    ["Driver", ".spec.driver", "string"],
    ["VolumeSnapshotClass", ".spec.volumeSnapshotClassName", "string"],
    ["VolumeSnapshot", ".spec.volumeSnapshotRef.name", "string"],
    ["VolumeSnapshotNamespace", ".spec.volumeSnapshotRef.namespace", "string"],
  ],
  versions: [{ name: "v1", storage: true, shape: contentShape }],
};

/** The kinds of snapshots of single volumes, as external-snapshotter 8.7 serves them. */
export const volumeKinds: readonly Kind[] = [
  volumeSnapshotClass,
  volumeSnapshot,
  volumeSnapshotContent,
];
