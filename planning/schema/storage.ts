import type { Static } from "@sinclair/typebox";

import { image, labelValue, namespaceName, objectName, optionValue, words } from "./forms";
import { choice, dictionary, flag, list, map, optional, text, whole } from "./node";

const storageClass = map(
  "One StorageClass. Its name is fixed; a change of what Kubernetes keeps immutable replaces it.",
  {
    name: text("Name of the StorageClass.", objectName),
    default: flag("Whether this is the cluster's default class.", false),
    reclaimPolicy: choice(
      "What becomes of a volume whose claim is removed: `Retain` keeps the data, `Delete` removes it.",
      ["Retain", "Delete"],
      { default: "Retain" },
    ),
    fsType: optional(
      text("File system, e.g. `ext4` or `xfs`. Absent: the driver's own default.", labelValue),
    ),
    encryption: flag("Whether volumes are encrypted, where the backend can.", false),
    expansion: flag("Whether claims may grow.", true),
    mountOptions: list(
      "Mount options. Kubernetes does not check them: a wrong one fails the mount.",
      text("One mount option, e.g. `noatime`.", words),
      { default: [] },
    ),
    options: dictionary<Static<typeof optionValue>>(
      "Further parameters of this class, checked against the backend's allow-list.",
      optionValue,
      { default: {} },
    ),
  },
);

/** Key `classes`. */
export const classes = list(
  "The StorageClasses that are declared. At most one is the cluster's default.",
  storageClass,
  {
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
  },
);

/** Key `snapshots`. */
export const snapshots = map(
  "The VolumeSnapshotClass and how snapshots of several volumes are taken.",
  {
    className: text("Name of the VolumeSnapshotClass.", {
      ...objectName,
      default: "atom-snapshots",
    }),
    deletionPolicy: choice(
      "What becomes of the storage's snapshot when its VolumeSnapshot is removed, e.g. with its namespace.",
      ["Retain", "Delete"],
      { default: "Retain" },
    ),
    group: choice(
      "`auto`: a VolumeGroupSnapshotClass where the driver has group snapshots. `never`: none.",
      ["auto", "never"],
      { default: "auto" },
    ),
    installController: flag(
      "Whether the program installs the snapshot CRDs and the snapshot controller, for clusters that have neither.",
      false,
    ),
    controllerImage: optional(
      text(
        "Image of the snapshot-controller of external-snapshotter 8 in the site's registry, with tag or digest. Needed for `installController: true`.",
        {
          ...image,
          form: "an image reference such as registry.example/csi/snapshot-controller:v8.7.0",
        },
      ),
    ),
    controllerNamespace: text(
      "Namespace that the snapshot controller is put in. It has to be there: the program makes none.",
      { ...namespaceName, default: "kube-system" },
    ),
    maxSpreadSeconds: whole(
      "Largest spread of the creation times of one restore point's snapshots.",
      { maximum: 3600, unit: "seconds", default: 5 },
    ),
  },
  { default: {} },
);
