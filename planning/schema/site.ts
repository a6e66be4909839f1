import { type Static } from "@sinclair/typebox";

import { alerts } from "./alerts";
import { folder, optionValue } from "./forms";
import { choice, dictionary, map, optional, text, whole } from "./node";
import { cluster, nodeBackups, retention, targets, waivers, product } from "./operation";
import { schedules, windows } from "./schedules";
import { classes, snapshots, topology, virtualMachines } from "./topology";

/** Every key of the namespace `atom-backup`: the one source of types, checks, defaults, reference page and editor schema. */
export const siteSchema = map(
  "One site installation: a cluster, which may stretch over several failure-domain sites.",
  {
    replicationFactor: whole(
      "Copies of each data volume, witnesses not counted. The preview says whether a raise reaches existing volumes and with which command they follow.",
      { minimum: 1, maximum: 99, unit: "copies", default: 2 },
    ),
    survive: optional(
      choice(
        "The loss to survive. `site` needs three sites or more that fall independently. Absent: `site` where there are three, else `node`.",
        ["node", "site"],
      ),
    ),
    failover: choice(
      "`automatic` is refused where nothing moves the workload unattended; `manual` needs nothing, and every verdict then says so with the steps.",
      ["automatic", "manual"],
      { default: "automatic" },
    ),
    backend: choice("The storage backend.", [
      "lab",
      "linstor",
      "longhorn",
      "generic",
      "rook-ceph",
      "vsphere-csi",
      "mayastor",
      "portworx",
    ]),
    backendVersion: optional(
      text(
        "Version of the backend as installed, in quotes, of the component that the backend's page names; selects parameters where versions differ. Absent: the newest known.",
        {
          pattern: "^[0-9]+(\\.[0-9]+){1,2}(-[0-9A-Za-z.-]+)?$",
          maxLength: 64,
          form: "a version such as 1.12.1",
        },
      ),
    ),
    backendOptions: dictionary<Static<typeof optionValue>>(
      "Options of the backend, checked against its allow-list.",
      optionValue,
      { default: {} },
    ),
    product,
    topology,
    classes,
    snapshots,
    virtualMachines: optional(virtualMachines),
    vcenterPassword: optional(
      text(
        "Password of the vCenter user. Set it with `pulumi config set --secret vcenterPassword`; where it is absent, the variable VSPHERE_PASSWORD counts.",
        { minLength: 1, secret: true },
      ),
    ),
    restorePointsDir: text(
      "Folder of the restore point files: every file `<stack>/<name>.yaml` in it is a point with VM snapshots.",
      { ...folder, default: "stacks/restore-points" },
    ),
    catalogDir: text(
      "Folder of the catalog's mirror off the cluster. Set it to a place of its own where the state backend is not `file://`.",
      { ...folder, default: ".pulumi-state/catalog" },
    ),
    retention,
    targets,
    windows,
    schedules,
    nodeBackups,
    alerts: optional(alerts),
    cluster,
    waivers,
  },
);

/** Keys whose values are secrets: always top-level, since one secret leaf makes a whole object secret. */
export const secretKeys: readonly string[] = Object.entries(siteSchema.properties)
  .filter(([, node]) => "secret" in node)
  .map(([key]) => key);
