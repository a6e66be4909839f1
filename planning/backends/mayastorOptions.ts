import type { Options } from "../plan";
import { apiOptions } from "./apiOptions";
import type { OptionSpec } from "./backend";
import { textOption } from "./options";

export const PROVISIONER = "io.openebs.csi-mayastor";

/** First release whose rebuilt and added copies are known here to keep the spread (openebs/mayastor#1799). */
export const SPREAD_HELD = "2.11";

/** First release that cuts a snapshot of a volume with several copies, and restores it to several. */
export const REPLICATED_SNAPSHOTS = "2.7";

/** Options of the site, `backendOptions`. */
export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  namespace: { type: "string", description: "namespace that Mayastor runs in", default: "openebs" },
  nodeSpreadKey: {
    type: "string",
    description:
      "label of the Mayastor nodes (kubectl mayastor label node NODE KEY=SITE, not a Kubernetes label) whose values are the sites; needed with two data sites or more",
  },
  etcdMembers: {
    type: "strings",
    description:
      "site of each member of Mayastor's etcd, one entry per member; an odd number of three or more, each on a node of its own",
    default: "three in the only data site",
  },
  nvmeMultipath: {
    type: "boolean",
    description:
      "whether every node that runs workloads boots with nvme_core.multipath=Y, without which a volume cannot change its target while it is in use; needed for failover: automatic",
    default: "false",
  },
  nodeHealthCheck: {
    type: "string",
    description:
      "name of the NodeHealthCheck (remediation.medik8s.io) whose remediation sets the out-of-service taint on a lost node, with a minHealthy low enough for the loss of a site; needed for failover: automatic",
  },
  quiesceFs: {
    type: "string",
    description: "freeze: a snapshot waits until the file system is at rest; none: it does not",
    allowed: ["freeze", "none"],
    default: "freeze",
  },
  encryptedPools: {
    type: "boolean",
    description:
      "whether there are as many DiskPools with encryptionConfig as copies, spread as the copies are; needed for encrypted classes",
    default: "false",
  },
  ...apiOptions("Mayastor's REST API", "https://mayastor.example:8080", "token"),
};

/** Options of a class, `classes[].options`. */
export const CLASS_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  maxSnapshots: {
    type: "integer",
    description: "most snapshots of one volume",
    minimum: 1,
    default: "no limit of the class",
  },
};

export function namespaceOf(options: Options): string {
  return textOption(options, "namespace") ?? "openebs";
}
