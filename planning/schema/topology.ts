import type { Static } from "@sinclair/typebox";

import {
  labelKey,
  labelValue,
  objectName,
  inventoryName,
  uuid,
  image,
  namespaceName,
  optionValue,
  words,
} from "./forms";
import { choice, flag, list, map, optional, text, whole, dictionary } from "./node";

const site = map("One failure domain: a building, a room or a rack row that fails as a whole.", {
  name: text("Value of the site label on the nodes of this site.", labelValue),
  locatedIn: optional(
    text(
      "Only for a witness that stands in the building of another site: the name of that site. It falls with it and never counts as a third site.",
      labelValue,
    ),
  ),
  storageNodes: list(
    "Kubernetes node names that may hold replicas; in a witness site those that run the tie-breaker.",
    text("Kubernetes node name.", objectName),
  ),
  controlPlaneNodes: whole("Number of control-plane (etcd) nodes in this site.", {
    maximum: 99,
    unit: "nodes",
    default: 0,
  }),
  converged: flag(
    "Whether the control-plane nodes of this site are storage nodes as well: a lost storage node then takes a vote of etcd with it.",
    false,
  ),
  role: choice("`data` holds replicas, `witness` only votes.", ["data", "witness"], {
    default: "data",
  }),
});

/** Key `topology`. */
export const topology = map(
  "The failure-domain sites of the installation and the nodes that stand in them.",
  {
    siteLabel: text(
      "Node label that names the site. Every storage node must carry it: a node without counts as a site of its own with some backends.",
      { ...labelKey, default: "topology.kubernetes.io/zone" },
    ),
    sites: list("The sites, data sites first by custom. Order has no meaning.", site, {
      minItems: 1,
    }),
  },
);

const node = map("One node VM.", {
  name: text("Kubernetes node name.", objectName),
  uuid: text("BIOS UUID of the VM; it stays when the VM moves to another host or folder.", uuid),
  role: choice(
    "`storage` holds replicas, `worker` does not, `controlPlane` runs etcd, `converged` runs etcd and holds replicas. Restore points of `all` leave `controlPlane` VMs out.",
    ["controlPlane", "storage", "worker", "converged"],
  ),
  site: text("Name of the site that the VM stands in.", labelValue),
  host: optional(
    text(
      "Name of the ESXi host that the VM runs on, as vCenter shows it; of every node or of none. The survival proof then takes the loss of a host as the loss of all VMs on it. A VM that DRS may move needs an anti-affinity rule for it to stay true.",
      inventoryName,
    ),
  ),
  datastores: optional(
    list(
      "Names of the datastores that hold the VM's disks; of every node or of none. The survival table then says what the loss of each takes.",
      text("Name of a datastore.", inventoryName),
      { minItems: 1 },
    ),
  ),
});

/** Key `virtualMachines`. */
export const virtualMachines = map(
  "The vCenter and the node VMs. Absent where the nodes are no VMware VMs: restore points then hold no VM snapshots.",
  {
    server: text("Host name or address of the vCenter, with a port where it is not 443.", {
      pattern: "^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$",
      maxLength: 259,
      form: "a host name or host:port, without https:// and without a path",
    }),
    user: text(
      "User of the vCenter, e.g. `backup@vsphere.local`. The password is `vcenterPassword`.",
      {
        pattern: "^[^\\s\\u0000-\\u001f\\u007f]+$",
        maxLength: 256,
        form: "a user name without blanks",
      },
    ),
    allowUnverifiedSsl: flag(
      "Accept a certificate that no authority known here has signed.",
      false,
    ),
    nodes: list("The VMs that are Kubernetes nodes.", node, { minItems: 1 }),
    maxDepth: whole(
      "Deepest snapshot chain of one VM. VMware advises 2 to 3; 32 is the hard limit.",
      { minimum: 1, maximum: 31, unit: "snapshots", default: 3 },
    ),
    maxAgeHours: whole("Age at which a VM snapshot ends. VMware advises 72 hours at most.", {
      minimum: 1,
      maximum: 8760,
      unit: "hours",
      default: 72,
    }),
    flagAgeHours: whole("Age from which a VM snapshot is flagged: its end is near.", {
      minimum: 1,
      maximum: 8760,
      unit: "hours",
      default: 48,
    }),
    apiTimeoutMinutes: whole(
      "Limit of one vCenter task. The provider's own is 5 minutes, too short for large disks: a task that runs longer leaves a snapshot outside the state.",
      { minimum: 1, maximum: 1440, unit: "minutes", default: 60 },
    ),
  },
);

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
