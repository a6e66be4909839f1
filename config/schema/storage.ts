import { labelValue, namespaceName, objectName, optionValue, words } from "./forms";
import type { ListNode, MapNode } from "./node";
import { image } from "./product";

/** Key `classes`. */
export const classes: ListNode = {
  description: "The StorageClasses that are declared. At most one is the cluster's default.",
  type: "array",
  minItems: 1,
  default: [
    {
      name: "atom-replicated",
      default: true,
      reclaimPolicy: "Retain",
      encryption: false,
      expansion: true,
      mountOptions: [],
      options: {},
    },
  ],
  items: {
    description:
      "One StorageClass. Its name is fixed; a change of what Kubernetes keeps immutable replaces it.",
    type: "object",
    additionalProperties: false,
    required: ["name"],
    properties: {
      name: { ...objectName, description: "Name of the StorageClass." },
      default: {
        description: "Whether this is the cluster's default class.",
        type: "boolean",
        default: false,
      },
      reclaimPolicy: {
        description:
          "What becomes of a volume whose claim is removed: `Retain` keeps the data, `Delete` removes it.",
        type: "string",
        enum: ["Retain", "Delete"],
        default: "Retain",
      },
      fsType: {
        ...labelValue,
        description: "File system, e.g. `ext4` or `xfs`. Absent: the driver's own default.",
      },
      encryption: {
        description: "Whether volumes are encrypted, where the backend can.",
        type: "boolean",
        default: false,
      },
      expansion: {
        description: "Whether claims may grow.",
        type: "boolean",
        default: true,
      },
      mountOptions: {
        description: "Mount options. Kubernetes does not check them: a wrong one fails the mount.",
        type: "array",
        items: { ...words, description: "One mount option, e.g. `noatime`." },
        default: [],
      },
      options: {
        description: "Further parameters of this class, checked against the backend's allow-list.",
        type: "object",
        properties: {},
        additionalProperties: optionValue,
        default: {},
      },
    },
  },
};

/** Key `snapshots`. */
export const snapshots: MapNode = {
  description: "The VolumeSnapshotClass and how snapshots of several volumes are taken.",
  type: "object",
  additionalProperties: false,
  default: {},
  properties: {
    className: {
      ...objectName,
      description: "Name of the VolumeSnapshotClass.",
      default: "atom-snapshots",
    },
    deletionPolicy: {
      description:
        "What becomes of the storage's snapshot when its VolumeSnapshot is removed, e.g. with its namespace.",
      type: "string",
      enum: ["Retain", "Delete"],
      default: "Retain",
    },
    group: {
      description:
        "`auto`: a VolumeGroupSnapshotClass where the driver has group snapshots. `never`: none.",
      type: "string",
      enum: ["auto", "never"],
      default: "auto",
    },
    installController: {
      description:
        "Whether the program installs the snapshot CRDs and the snapshot controller, for clusters that have neither.",
      type: "boolean",
      default: false,
    },
    controllerImage: {
      ...image,
      description:
        "Image of the snapshot-controller of external-snapshotter 8 in the site's registry, with tag or digest. Needed for `installController: true`.",
      form: "an image reference such as registry.example/csi/snapshot-controller:v8.7.0",
    },
    controllerNamespace: {
      ...namespaceName,
      description:
        "Namespace that the snapshot controller is put in. It has to be there: the program makes none.",
      default: "kube-system",
    },
    maxSpreadSeconds: {
      description: "Largest spread of the creation times of one restore point's snapshots.",
      type: "integer",
      minimum: 0,
      maximum: 3600,
      unit: "seconds",
      default: 5,
    },
  },
};
