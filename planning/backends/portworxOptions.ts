import type { Options } from "../plan";
import type { OptionSpec } from "./backend";
import { textOption } from "./options";

export const PROVISIONER = "pxd.portworx.com";

/** First release that reads strategies of portworx.io/v1beta2. */
export const STRATEGIES = "2.1.2";

const IO_PROFILE: OptionSpec = {
  type: "string",
  description:
    "none: a flush is acknowledged once it is on the disks of all copies; db_remote and auto gather flushes for up to 100 ms, which are lost when all nodes of a volume lose power at once",
  allowed: ["none", "auto", "db_remote"],
  default: "none",
};

/** Options of the site, `backendOptions`. */
export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  namespace: {
    type: "string",
    description: "namespace of the StorageCluster and of Stork",
    default: "portworx",
  },
  strategy: {
    type: "string",
    description: "name of the VolumePlacementStrategy that is declared for the volumes",
    default: "atom-spread",
  },
  kvdbMembers: {
    type: "strings",
    description:
      "site of each member of Portworx's key-value database, one entry per member; an odd number of three or more, each on a node of its own",
    default: "three in the only data site",
  },
  ioProfile: IO_PROFILE,
  storkHealthMonitor: {
    type: "boolean",
    description:
      "whether Stork runs with its health monitor on, which removes the pods of a node whose Portworx is offline; needed for failover: automatic",
    default: "false",
  },
  clusterKey: {
    type: "boolean",
    description:
      "whether a cluster-wide secret is set (pxctl secrets set-cluster-key); needed for encrypted classes",
    default: "false",
  },
};

/** Options of a class, `classes[].options`; they win over the site's. */
export const CLASS_OPTIONS: Readonly<Record<string, OptionSpec>> = { ioProfile: IO_PROFILE };

export function namespaceOf(options: Options): string {
  return textOption(options, "namespace") ?? "portworx";
}

export function strategyOf(options: Options): string {
  return textOption(options, "strategy") ?? "atom-spread";
}
