import { dateTime, labelValue, namespaceName, objectName, pointName, uuid } from "./forms";
import type { MapNode } from "./node";
import { pointMember } from "./pointMember";

/** A restore point file, `<restorePointsDir>/<stack>/<name>.yaml`. */
export const restorePointSchema: MapNode = {
  description:
    "A restore point. Once cut, commands may change `state`, `expires`, `hold` and a member's `lost` and `expiredAt`; `digest` guards the rest.",
  type: "object",
  additionalProperties: false,
  required: ["name", "release", "virtualMachines", "consistency", "expires", "state"],
  properties: {
    name: { ...pointName, description: "Name of the point; also the name of its file." },
    release: { ...labelValue, description: "ATOM release the point is cut for, in quotes." },
    volumes: {
      description: "The claims whose volumes are taken.",
      type: "array",
      default: [],
      items: {
        description: "One claim.",
        type: "object",
        additionalProperties: false,
        required: ["namespace", "claim", "uid"],
        properties: {
          namespace: { ...namespaceName, description: "Namespace of the claim." },
          claim: { ...objectName, description: "Name of the PersistentVolumeClaim." },
          uid: { ...uuid, description: "UID of the claim." },
        },
      },
    },
    virtualMachines: {
      description:
        "`all`: every storage and worker VM of the node list; `none`; or node names, the only way to take a control-plane VM.",
      form: '"all", "none" or a list of node names',
      anyOf: [
        { description: "All or none.", type: "string", enum: ["all", "none"] },
        {
          description: "Node names.",
          type: "array",
          items: { ...objectName, description: "Kubernetes node name." },
        },
      ],
    },
    consistency: {
      description:
        "How still the product was: `stopped`, `frozen` (file systems quiesced) or `crash` (as after a power cut).",
      type: "string",
      enum: ["stopped", "frozen", "crash"],
    },
    memory: {
      description:
        "Whether VM snapshots include memory. Never together with `quiesce`, never for control-plane and storage nodes.",
      type: "boolean",
      default: false,
    },
    quiesce: {
      description: "Whether VMware Tools quiesce the guest file systems.",
      type: "boolean",
      default: false,
    },
    expires: { ...dateTime, description: "When the point may be removed." },
    hold: { description: "Keeps the point beyond `expires`.", type: "boolean", default: false },
    state: {
      description:
        "`planned` until `./atom up` or an operator sets `taking`; the cut itself sets `ready`. The others are set by commands.",
      type: "string",
      enum: ["planned", "taking", "ready", "failed", "lost", "expiring", "expired"],
    },
    takenAt: { ...dateTime, description: "When the point was cut. Written by the cut." },
    groupVersion: {
      description:
        "Version of the group snapshot API by which the volumes of each namespace are cut at one moment. Absent: a snapshot per volume, all at once. Written by `restore-point create`.",
      type: "string",
      enum: ["v1", "v1beta2", "v1beta1"],
    },
    members: {
      description: "What was cut, by lasting references. Written by the cut.",
      type: "array",
      default: [],
      items: pointMember,
    },
    digest: {
      description: "SHA-256 over what the cut fixed. Written by the cut.",
      type: "string",
      pattern: "^[0-9a-f]{64}$",
      form: "64 hexadecimal digits",
    },
  },
};
