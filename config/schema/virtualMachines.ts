import { inventoryName, labelValue, objectName, uuid } from "./forms";
import type { MapNode } from "./node";

/** Key `virtualMachines`. */
export const virtualMachines: MapNode = {
  description:
    "The vCenter and the node VMs. Absent where the nodes are no VMware VMs: restore points then hold no VM snapshots.",
  type: "object",
  additionalProperties: false,
  required: ["server", "user", "nodes"],
  properties: {
    server: {
      description: "Host name or address of the vCenter, with a port where it is not 443.",
      type: "string",
      pattern: "^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?$",
      maxLength: 259,
      form: "a host name or host:port, without https:// and without a path",
    },
    user: {
      description:
        "User of the vCenter, e.g. `backup@vsphere.local`. The password is `vcenterPassword`.",
      type: "string",
      pattern: "^[^\\s\\u0000-\\u001f\\u007f]+$",
      maxLength: 256,
      form: "a user name without blanks",
    },
    allowUnverifiedSsl: {
      description: "Accept a certificate that no authority known here has signed.",
      type: "boolean",
      default: false,
    },
    nodes: {
      description: "The VMs that are Kubernetes nodes.",
      type: "array",
      minItems: 1,
      items: {
        description: "One node VM.",
        type: "object",
        additionalProperties: false,
        required: ["name", "uuid", "role", "site"],
        properties: {
          name: { ...objectName, description: "Kubernetes node name." },
          uuid: {
            ...uuid,
            description:
              "BIOS UUID of the VM; it stays when the VM moves to another host or folder.",
          },
          role: {
            description:
              "`storage` holds replicas, `worker` does not, `controlPlane` runs etcd. Restore points of `all` leave control-plane VMs out.",
            type: "string",
            enum: ["controlPlane", "storage", "worker"],
          },
          site: { ...labelValue, description: "Name of the site that the VM stands in." },
          host: {
            ...inventoryName,
            description:
              "Name of the ESXi host that the VM runs on, as vCenter shows it; of every node or of none. The survival proof then takes the loss of a host as the loss of all VMs on it. A VM that DRS may move needs an anti-affinity rule for it to stay true.",
          },
          datastores: {
            description:
              "Names of the datastores that hold the VM's disks; of every node or of none. The survival table then says what the loss of each takes.",
            type: "array",
            minItems: 1,
            items: { ...inventoryName, description: "Name of a datastore." },
          },
        },
      },
    },
    maxDepth: {
      description: "Deepest snapshot chain of one VM. VMware advises 2 to 3; 32 is the hard limit.",
      type: "integer",
      minimum: 1,
      maximum: 31,
      unit: "snapshots",
      default: 3,
    },
    maxAgeHours: {
      description: "Age at which a VM snapshot ends. VMware advises 72 hours at most.",
      type: "integer",
      minimum: 1,
      maximum: 8760,
      unit: "hours",
      default: 72,
    },
    apiTimeoutMinutes: {
      description:
        "Limit of one vCenter task. The provider's own is 5 minutes, too short for large disks: a task that runs longer leaves a snapshot outside the state.",
      type: "integer",
      minimum: 1,
      maximum: 1440,
      unit: "minutes",
      default: 60,
    },
  },
};
