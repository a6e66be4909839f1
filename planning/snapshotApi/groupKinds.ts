import {
  deletionPolicy,
  exactlyOne,
  failure,
  fixed,
  flag,
  kept,
  list,
  moment,
  notEmpty,
  object,
  reference,
  text,
  texts,
  wholeNumber,
  type Kind,
  type ObjectShape,
  type Rule,
  type Schema,
  type Version,
} from "./schema";

/** API group of snapshots of several volumes at one moment. */
const GROUP = "groupsnapshot.storage.k8s.io";
const APPROVAL = "https://github.com/kubernetes-csi/external-snapshotter/pull/1337";

/**
 * The three versions that external-snapshotter 8.7 serves. Objects are stored as v1beta2, so that a controller of 8.3
 * can still read them. v1beta1 lacks the rules that came with v1beta2, and its content has another status.
 */
function versions(shape: (strict: boolean) => ObjectShape): readonly Version[] {
  return [
    { name: "v1", storage: false, shape: shape(true) },
    { name: "v1beta1", storage: false, deprecated: true, shape: shape(false) },
    { name: "v1beta2", storage: true, shape: shape(true) },
  ];
}

function fixedIf(strict: boolean, name: string): readonly Rule[] {
  return strict ? [fixed(name)] : [];
}

const groupClass: Kind = {
  group: GROUP,
  kind: "VolumeGroupSnapshotClass",
  plural: "volumegroupsnapshotclasses",
  shortNames: ["vgsclass", "vgsclasses"],
  scope: "Cluster",
  description: "How a driver cuts several volumes at one moment.",
  approval: APPROVAL,
  status: false,
  columns: [
    ["Driver", ".driver", "string"],
    ["DeletionPolicy", ".deletionPolicy", "string"],
  ],
  versions: versions((strict) => ({
    required: ["deletionPolicy", "driver"],
    properties: {
      deletionPolicy: strict
        ? { ...deletionPolicy, "x-kubernetes-validations": [fixed("deletionPolicy")] }
        : deletionPolicy,
      driver: text(...fixedIf(strict, "driver")),
      parameters: texts(...fixedIf(strict, "parameters")),
    },
  })),
};

const selector: Schema = object({
  atomic: true,
  rules: [fixed("selector")],
  properties: {
    matchExpressions: atomicList(
      object({
        required: ["key", "operator"],
        properties: { key: text(), operator: text(), values: atomicList(text()) },
      }),
    ),
    matchLabels: texts(),
  },
});

function atomicList(items: Schema): Schema {
  return { ...list(items), "x-kubernetes-list-type": "atomic" };
}

const groupSnapshot: Kind = {
  group: GROUP,
  kind: "VolumeGroupSnapshot",
  plural: "volumegroupsnapshots",
  shortNames: ["vgs"],
  scope: "Namespaced",
  description: "Asks for snapshots of several volumes at one moment, or names some that are there.",
  approval: APPROVAL,
  status: true,
  columns: [
    ["ReadyToUse", ".status.readyToUse", "boolean"],
    ["VolumeGroupSnapshotClass", ".spec.volumeGroupSnapshotClassName", "string"],
    ["VolumeGroupSnapshotContent", ".status.boundVolumeGroupSnapshotContentName", "string"],
    ["CreationTime", ".status.creationTime", "date"],
  ],
  versions: versions((strict) => ({
    required: ["spec"],
    properties: {
      spec: object({
        required: ["source"],
        properties: {
          source: object({
            properties: {
              selector,
              volumeGroupSnapshotContentName: text(fixed("volumeGroupSnapshotContentName")),
            },
            rules: [
              kept("selector"),
              kept("volumeGroupSnapshotContentName"),
              exactlyOne("selector", "volumeGroupSnapshotContentName"),
            ],
          }),
          volumeGroupSnapshotClassName: text(notEmpty("volumeGroupSnapshotClassName")),
        },
      }),
      status: object({
        properties: {
          boundVolumeGroupSnapshotContentName: text(
            ...fixedIf(strict, "boundVolumeGroupSnapshotContentName"),
          ),
          creationTime: moment,
          error: failure,
          readyToUse: flag,
        },
      }),
    },
  })),
};

const boundForGood: readonly Rule[] = [
  {
    rule: "self.name == oldSelf.name && self.__namespace__ == oldSelf.__namespace__",
    message: "name and namespace of volumeGroupSnapshotRef cannot be changed",
  },
  {
    rule: "!has(oldSelf.uid) || (has(self.uid) && self.uid == oldSelf.uid)",
    message: "uid of volumeGroupSnapshotRef cannot be changed",
  },
];

const contentSource: Schema = object({
  properties: {
    groupSnapshotHandles: object({
      required: ["volumeGroupSnapshotHandle", "volumeSnapshotHandles"],
      properties: { volumeGroupSnapshotHandle: text(), volumeSnapshotHandles: list(text()) },
      rules: [fixed("groupSnapshotHandles")],
    }),
    volumeHandles: list(text(), fixed("volumeHandles")),
  },
  rules: [
    kept("volumeHandles"),
    kept("groupSnapshotHandles"),
    exactlyOne("volumeHandles", "groupSnapshotHandles"),
  ],
});

/** The snapshots of a group, as a status lists them. */
function members(strict: boolean): Readonly<Record<string, Schema>> {
  return strict
    ? {
        volumeSnapshotInfoList: list(
          object({
            properties: {
              creationTime: wholeNumber,
              readyToUse: flag,
              restoreSize: wholeNumber,
              snapshotHandle: text(),
              volumeHandle: text(),
            },
          }),
        ),
      }
    : {
        volumeSnapshotHandlePairList: list(
          object({
            required: ["snapshotHandle", "volumeHandle"],
            properties: { snapshotHandle: text(), volumeHandle: text() },
          }),
        ),
      };
}

const groupContent: Kind = {
  group: GROUP,
  kind: "VolumeGroupSnapshotContent",
  plural: "volumegroupsnapshotcontents",
  shortNames: ["vgsc", "vgscs"],
  scope: "Cluster",
  description: "The snapshots in the storage that a VolumeGroupSnapshot is bound to.",
  approval: APPROVAL,
  status: true,
  columns: [
    ["ReadyToUse", ".status.readyToUse", "boolean"],
    ["DeletionPolicy", ".spec.deletionPolicy", "string"],
    ["Driver", ".spec.driver", "string"],
    ["VolumeGroupSnapshotClass", ".spec.volumeGroupSnapshotClassName", "string"],
    ["VolumeGroupSnapshotNamespace", ".spec.volumeGroupSnapshotRef.namespace", "string"],
    ["VolumeGroupSnapshot", ".spec.volumeGroupSnapshotRef.name", "string"],
  ],
  versions: versions((strict) => ({
    required: ["spec"],
    properties: {
      spec: object({
        required: ["deletionPolicy", "driver", "source", "volumeGroupSnapshotRef"],
        properties: {
          deletionPolicy,
          driver: text(...fixedIf(strict, "driver")),
          source: contentSource,
          volumeGroupSnapshotClassName: text(...fixedIf(strict, "volumeGroupSnapshotClassName")),
          volumeGroupSnapshotRef: reference(
            "volumeGroupSnapshotRef",
            ...(strict ? boundForGood : []),
          ),
        },
      }),
      status: object({
        properties: {
          creationTime: moment,
          error: failure,
          readyToUse: flag,
          volumeGroupSnapshotHandle: text(...fixedIf(strict, "volumeGroupSnapshotHandle")),
          ...members(strict),
        },
      }),
    },
  })),
};

/** The kinds of group snapshots, as external-snapshotter 8.7 serves them. */
export const groupKinds: readonly Kind[] = [groupClass, groupSnapshot, groupContent];
