import type { Options } from "../plan";
import { apiOptions } from "./apiOptions";
import type { OptionSpec } from "./backend";
import { flag, HEALTH_CHECK, text, textOption, texts, wholeNumber } from "./options";

/** Options of the site, `backendOptions`. */
export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  namespace: text("namespace that Mayastor runs in", { default: "openebs" }),
  nodeSpreadKey: text(
    "label of the Mayastor nodes (kubectl mayastor label node NODE KEY=SITE, not a Kubernetes label) whose values are the sites; needed with two data sites or more",
  ),
  nodeAffinityLabels: texts(
    "labels of the Mayastor nodes that may hold copies, each as key=value; with one data site",
  ),
  poolAffinityLabels: texts(
    "labels of the DiskPools that may hold copies, each as key=value; with one data site",
  ),
  etcdMembers: texts(
    "site of each member of Mayastor's etcd, one entry per member; an odd number of three or more, each on a node of its own",
    { default: "three in the only data site" },
  ),
  nvmeMultipath: flag(
    "whether every node that runs workloads boots with nvme_core.multipath=Y, without which a volume cannot change its target while it is in use; needed for failover: automatic",
    { default: "false" },
  ),
  nodeHealthCheck: HEALTH_CHECK,
  quiesceFs: text("freeze: a snapshot waits until the file system is at rest; none: it does not", {
    allowed: ["freeze", "none"],
    default: "freeze",
  }),
  encryptedPools: flag(
    "whether there are as many DiskPools with encryptionConfig as copies, spread as the copies are; needed for encrypted classes",
    { default: "false" },
  ),
  ...apiOptions("Mayastor's REST API", "https://mayastor.example:8080", "token"),
};

/** Options of a class, `classes[].options`. */
export const CLASS_OPTIONS = {
  maxSnapshots: wholeNumber("most snapshots of one volume", {
    minimum: 1,
    default: "no limit of the class",
  }),
};

export function namespaceOf(options: Options): string {
  return textOption(options, "namespace") ?? "openebs";
}
