import { inventoryName, labelValue, objectName, uuid } from "./forms";
import { choice, flag, list, map, optional, text, whole } from "./node";

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
    apiTimeoutMinutes: whole(
      "Limit of one vCenter task. The provider's own is 5 minutes, too short for large disks: a task that runs longer leaves a snapshot outside the state.",
      { minimum: 1, maximum: 1440, unit: "minutes", default: 60 },
    ),
  },
);
