import { dateTime, namespaceName, objectName, uuid, words } from "./forms";
import type { MapNode } from "./node";

/** Keys that a member of each kind has to have; no other but `lost` and `expiredAt` may stand beside them. */
export const memberKeys = {
  virtualMachine: { required: ["node", "uuid", "handle"], optional: [] },
  volume: {
    required: ["namespace", "claim", "uid", "snapshot", "content", "handle", "createdAt", "bytes"],
    optional: ["group"],
  },
  etcd: { required: ["node", "file", "sha256", "createdAt"], optional: [] },
} as const;

/** One member of a restore point file. Which keys belong to which kind, {@link memberKeys} says. */
export const pointMember: MapNode = {
  description:
    "One VM snapshot (`node`, `uuid`, `handle`), one volume snapshot (`namespace`, `claim`, `uid`, `snapshot`, `content`, `handle`, `createdAt`, `bytes`, `group`) or one etcd snapshot (`node`, `file`, `sha256`, `createdAt`).",
  type: "object",
  additionalProperties: false,
  properties: {
    kind: {
      description: "Kind of the member.",
      type: "string",
      enum: Object.keys(memberKeys),
      default: "virtualMachine",
    },
    node: { ...objectName, description: "Kubernetes node name." },
    uuid: { ...uuid, description: "BIOS UUID of the VM." },
    namespace: { ...namespaceName, description: "Namespace of the claim." },
    claim: { ...objectName, description: "Name of the PersistentVolumeClaim." },
    uid: { ...uuid, description: "UID of the claim." },
    snapshot: { ...objectName, description: "Name of the VolumeSnapshot." },
    content: { ...objectName, description: "Name of the VolumeSnapshotContent." },
    handle: {
      ...words,
      description: "Reference in vCenter, e.g. `snapshot-123`, or the driver's id of the snapshot.",
    },
    createdAt: { ...dateTime, description: "The moment that the bytes are of." },
    bytes: {
      description: "Least size of a volume that is restored from it.",
      type: "integer",
      minimum: 0,
      unit: "bytes",
    },
    group: { ...objectName, description: "Name of the VolumeGroupSnapshot that cut it." },
    file: { ...words, description: "Absolute path on the node." },
    sha256: {
      description: "SHA-256 of the file.",
      type: "string",
      pattern: "^[0-9a-f]{64}$",
      form: "64 hexadecimal digits",
    },
    lost: { ...dateTime, description: "When it was found missing." },
    expiredAt: { ...dateTime, description: "When it was removed on purpose." },
  },
};
