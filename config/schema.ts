import { backendIds } from "../planning";
import { folder, optionValue, pointName } from "./schema/forms";
import type { MapNode } from "./schema/node";
import { cluster, nodeBackups, retention, waivers } from "./schema/operation";
import { product } from "./schema/product";
import { classes, snapshots } from "./schema/storage";
import { topology } from "./schema/topology";
import { virtualMachines } from "./schema/virtualMachines";

export { restorePointSchema } from "./schema/restorePoint";

/** Every key of the namespace `atom-backup`: the one source of checks, defaults, reference page and editor schema. */
export const siteSchema: MapNode = {
  description:
    "One site installation: a cluster, which may stretch over several failure-domain sites.",
  type: "object",
  additionalProperties: false,
  required: ["backend", "product", "topology"],
  properties: {
    replicationFactor: {
      description:
        "Copies of each data volume, witnesses not counted. The preview says whether a raise reaches existing volumes and with which command they follow.",
      type: "integer",
      minimum: 1,
      unit: "copies",
      default: 2,
    },
    survive: {
      description:
        "The loss to survive. `site` needs three sites or more that fall independently. Absent: `site` where there are three, else `node`.",
      type: "string",
      enum: ["node", "site"],
    },
    failover: {
      description:
        "`automatic` is refused where nothing moves the workload unattended; `manual` needs nothing, and every verdict then says so with the steps.",
      type: "string",
      enum: ["automatic", "manual"],
      default: "automatic",
    },
    backend: {
      description: "The storage backend.",
      type: "string",
      enum: [...backendIds],
    },
    backendVersion: {
      description:
        "Version of the backend as installed, in quotes; selects parameters where versions differ. Absent: the newest known.",
      type: "string",
      pattern: "^[0-9]+(\\.[0-9]+){1,2}(-[0-9A-Za-z.-]+)?$",
      maxLength: 64,
      form: "a version such as 1.12.1",
    },
    backendOptions: {
      description: "Options of the backend, checked against its allow-list.",
      type: "object",
      properties: {},
      additionalProperties: optionValue,
      default: {},
    },
    product,
    topology,
    classes,
    snapshots,
    virtualMachines,
    vcenterPassword: {
      description:
        "Password of the vCenter user. Set it with `pulumi config set --secret vcenterPassword`; where it is absent, the variable VSPHERE_PASSWORD counts.",
      type: "string",
      minLength: 1,
      secret: true,
    },
    restorePointsDir: {
      ...folder,
      description: "Folder of the restore point files.",
      default: "stacks/restore-points",
    },
    catalogDir: {
      ...folder,
      description:
        "Folder of the catalog's mirror off the cluster. Set it to a place of its own where the state backend is not `file://`.",
      default: ".pulumi-state/catalog",
    },
    retention,
    nodeBackups,
    cluster,
    waivers,
  },
};

/** Keys whose values are secrets: always top-level, since one secret leaf makes a whole object secret. */
export const secretKeys: readonly string[] = Object.entries(siteSchema.properties)
  .filter(([, node]) => "secret" in node)
  .map(([key]) => key);
