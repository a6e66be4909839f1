import { Type } from "@sinclair/typebox";

import { optional } from "./node";
import { marks, vmSnapshot } from "./pointFile";
import { count, record, time, word } from "./recordForms";

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
  ...marks,
});

/** A member that was taken, by its lasting reference. */
export const pointMember = Type.Union([vmMember, volumeMember, etcdMember], {
  form: "a virtualMachine, a volume or an etcd with their references",
});
