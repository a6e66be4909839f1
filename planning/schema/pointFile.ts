import { Type } from "@sinclair/typebox";

import { dateTime, labelValue, objectName, pointName, uuid, words } from "./forms";
import { choice, flag, list, map, optional, text } from "./node";
import { count, record, time, word } from "./journal";

/** How still the product was. */
export const consistency = choice(
  "How still the product was: `stopped`, `frozen` (file systems quiesced) or `crash` (as after a power cut).",
  ["stopped", "frozen", "crash"],
);

/** What becomes of a member after it was taken: it is no longer registered then. */
const marks = {
  lost: optional(text("When it was found missing.", dateTime)),
  expiredAt: optional(text("When it was removed on purpose.", dateTime)),
};

/** The snapshot of a node VM, by lasting references. */
const vmSnapshot = {
  node: text("Kubernetes node name.", objectName),
  uuid: text("BIOS UUID of the VM.", uuid),
  handle: text("Reference in vCenter, e.g. `snapshot-123`.", words),
  takenAt: text("When it was written down.", dateTime),
  ...marks,
};

/** A restore point file, `<restorePointsDir>/<stack>/<name>.yaml`. */
export const pointFileSchema = map(
  "The VM snapshots of a restore point, as the program declares them. All else that is known of a point stands in the catalog.",
  {
    name: text("Name of the point; also the name of its file.", pointName),
    release: text("ATOM release the point is taken for, in quotes.", labelValue),
    virtualMachines: Type.Union(
      [
        choice("All or none.", ["all", "none"]),
        list("Node names.", text("Kubernetes node name.", objectName)),
      ],
      {
        description:
          "`all`: every storage and worker VM of the node list; `none`; or node names, the only way to take a control-plane VM.",
        form: '"all", "none" or a list of node names',
      },
    ),
    consistency,
    memory: flag(
      "Whether VM snapshots include memory. Never together with `quiesce`, never for control-plane and storage nodes.",
      false,
    ),
    quiesce: flag("Whether VMware Tools quiesce the guest file systems.", false),
    expires: text("When the point may be removed.", dateTime),
    volumes: flag(
      "Whether the point also holds volumes, which only `restore-point create` takes. Written by that command.",
      false,
    ),
    state: choice(
      "`planned` until `./atom up` or an operator sets `taking`; what takes the snapshots sets `ready`. `expiring` is set by `restore-point expire` and lifts their protection.",
      ["planned", "taking", "ready", "expiring"],
    ),
    vms: list(
      "VM snapshots that were taken, by lasting references. Written by what takes them.",
      map("One VM snapshot.", vmSnapshot),
      { default: [] },
    ),
  },
);

/** A claim whose volume a point means to hold. */
export const pointVolume = record({ namespace: word, claim: word, uid: word });

const vmMember = record({ kind: Type.Literal("virtualMachine"), ...vmSnapshot });

const volumeMember = record({
  kind: Type.Literal("volume"),
  namespace: word,
  /** Name and UID of the PersistentVolumeClaim. */
  claim: word,
  uid: word,
  /** Name of the VolumeSnapshot, in the claim's namespace, and of its VolumeSnapshotContent. */
  snapshot: word,
  content: word,
  /** The driver's own id of the snapshot. */
  handle: word,
  /** From the driver: the moment that the bytes are of. */
  createdAt: time,
  /** Least size of a volume restored from it, in bytes. */
  bytes: count,
  /** Name of the VolumeGroupSnapshot that took it, in the same namespace. */
  group: optional(word),
  /** The driver's own id of that group: without it, its members cannot be bound again. */
  groupHandle: optional(word),
  ...marks,
});

/** Never registered: no system of the engine's knows it. */
const etcdMember = record({
  kind: Type.Literal("etcd"),
  /** Kubernetes node that holds the file, its absolute path there and its SHA-256, hexadecimal. */
  node: word,
  file: word,
  sha256: word,
  createdAt: time,
  /** Members of etcd then, all of which are restored from the file; absent where an older version took it. */
  members: optional(list("", record({ name: word, peers: list("", word) }))),
  ...marks,
});

/** A member that was taken, by its lasting reference. */
export const pointMember = Type.Union([vmMember, volumeMember, etcdMember], {
  form: "a virtualMachine, a volume or an etcd with their references",
});
