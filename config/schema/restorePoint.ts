import { dateTime, labelValue, objectName, pointName, uuid, words } from "./forms";
import type { MapNode } from "./node";

/** A restore point file, `<restorePointsDir>/<stack>/<name>.yaml`. */
export const restorePointSchema: MapNode = {
  description:
    "The VM snapshots of a restore point, as the program declares them. All else that is known of a point stands in the catalog.",
  type: "object",
  additionalProperties: false,
  required: ["name", "release", "virtualMachines", "consistency", "expires", "state"],
  properties: {
    name: { ...pointName, description: "Name of the point; also the name of its file." },
    release: { ...labelValue, description: "ATOM release the point is taken for, in quotes." },
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
    volumes: {
      description:
        "Whether the point also holds volumes, which only `restore-point create` takes. Written by that command.",
      type: "boolean",
      default: false,
    },
    state: {
      description:
        "`planned` until `./atom up` or an operator sets `taking`; what takes the snapshots sets `ready`. `expiring` is set by `restore-point expire`.",
      type: "string",
      enum: ["planned", "taking", "ready", "expiring"],
    },
    vms: {
      description:
        "VM snapshots that were taken, by lasting references. Written by what takes them.",
      type: "array",
      default: [],
      items: {
        description: "One VM snapshot.",
        type: "object",
        additionalProperties: false,
        required: ["node", "uuid", "handle", "takenAt"],
        properties: {
          node: { ...objectName, description: "Kubernetes node name." },
          uuid: { ...uuid, description: "BIOS UUID of the VM." },
          handle: { ...words, description: "Reference in vCenter, e.g. `snapshot-123`." },
          takenAt: { ...dateTime, description: "When it was written down." },
          lost: { ...dateTime, description: "When it was found missing." },
          expiredAt: { ...dateTime, description: "When it was removed on purpose." },
        },
      },
    },
  },
};
