import type { Options, TopologyPlan } from "../plan";
import type { OptionSpec, StorageRequest } from "./backend";
import { flag, HEALTH_CHECK, listOption, text, textOption, texts } from "./options";
import { membersBySite } from "./common";

export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  storage: text("rbd: block volumes; cephfs: volumes of a shared file system", {
    allowed: ["rbd", "cephfs"],
    default: "rbd",
  }),
  namespace: text("namespace of the CephCluster, its pools and its secrets", {
    default: "rook-ceph",
  }),
  operatorNamespace: text("namespace of the Rook operator and the CSI drivers", {
    default: "the namespace of the CephCluster",
  }),
  driverPrefix: text("first part of the driver's name, where CSI_DRIVER_NAME_PREFIX sets one", {
    default: "the operator's namespace",
  }),
  clusterName: text("name of the CephCluster", { default: "rook-ceph" }),
  pool: text("name of the CephBlockPool that is declared for the volumes, with storage: rbd", {
    default: "atom-data",
  }),
  filesystem: text(
    "name of the CephFilesystem that is declared for the volumes, with storage: cephfs",
    { default: "atom-fs" },
  ),
  declarePool: flag(
    "whether the pool or file system is declared; false: it is there, made by others with size replicationFactor and the failure domain of the sites, and is only looked for",
    { default: "true" },
  ),
  deviceClass: text("CRUSH device class of the pool, e.g. ssd", { default: "all devices" }),
  imageFeatures: texts(
    "features of an RBD image; those beyond layering need kernel 5.4, object-map needs exclusive-lock, and fast-diff object-map",
    {
      allowed: ["layering", "exclusive-lock", "object-map", "fast-diff", "deep-flatten"],
      default: "layering",
    },
  ),
  monitors: texts(
    "site of each Ceph monitor, one entry per monitor, as spec.mon of the CephCluster places them; an odd number of three or more, each on a node of its own",
    {
      default:
        "three in the only data site; in a stretch cluster two per data site and one at the arbiter",
    },
  ),
  encryptionKmsId: text(
    "entry of the ConfigMap rook-ceph-csi-kms-config that holds the volumes' keys; needed for encrypted classes",
  ),
  nodeHealthCheck: HEALTH_CHECK,
};

/** Whether the volumes are RBD images; else they are parts of a CephFS. */
export function isBlock(options: Options): boolean {
  return textOption(options, "storage") !== "cephfs";
}

export function clusterNamespace(options: Options): string {
  return textOption(options, "namespace") ?? "rook-ceph";
}

export function operatorNamespace(options: Options): string {
  return textOption(options, "operatorNamespace") ?? clusterNamespace(options);
}

/** Rook names its drivers after the operator's namespace. */
export function provisioner(options: Options): string {
  const prefix = textOption(options, "driverPrefix") ?? operatorNamespace(options);
  return `${prefix}.${isBlock(options) ? "rbd" : "cephfs"}.csi.ceph.com`;
}

export function poolName(options: Options): string {
  return textOption(options, "pool") ?? "atom-data";
}

export function filesystemName(options: Options): string {
  return textOption(options, "filesystem") ?? "atom-fs";
}

export function imageFeatures(options: Options): readonly string[] {
  const stated = listOption(options, "imageFeatures");
  return stated.length === 0 ? ["layering"] : stated;
}

/** Bucket types of the CRUSH tree that Rook fills from node labels, by label. */
const CRUSH_TYPES: Readonly<Record<string, string>> = {
  "topology.kubernetes.io/region": "region",
  "topology.kubernetes.io/zone": "zone",
  ...Object.fromEntries(
    ["datacenter", "room", "pod", "pdu", "row", "rack", "chassis"].map((type) => [
      `topology.rook.io/${type}`,
      type,
    ]),
  ),
};

/** Labels that Rook reads when it makes an OSD. */
export const CRUSH_LABELS: readonly string[] = Object.keys(CRUSH_TYPES);

/** Copies in every pool of a stretch cluster; Rook refuses any other number. */
export const STRETCH_COPIES = 4;

/** How Ceph lays a site's copies and monitors out. */
export interface CephLayout {
  /** Two data sites and an arbiter: Ceph's stretch mode. */
  readonly stretch: boolean;
  /** Bucket type that keeps copies apart; undefined for a site label that Rook does not read. */
  readonly failureDomain: string | undefined;
  /** Copies in one failure domain. */
  readonly perDomain: number;
  /** Copies that must be there for reads and writes to go on. */
  readonly minSize: number;
  /** Monitors by site; empty where nothing states them. */
  readonly monitors: ReadonlyMap<string, number>;
}

export function cephLayout({ site, topology }: StorageRequest): CephLayout {
  const overSites = topology.spread === "sites";
  return {
    stretch: isStretch(topology),
    failureDomain: overSites
      ? Object.hasOwn(CRUSH_TYPES, topology.siteLabel)
        ? CRUSH_TYPES[topology.siteLabel]
        : undefined
      : "host",
    perDomain: overSites ? topology.maxPerSite : 1,
    // Two copies have to go on with one, or the first loss would stop them.
    minSize: site.replicationFactor < 3 ? 1 : 2,
    monitors:
      isStretch(topology) && listOption(site.backendOptions, "monitors").length === 0
        ? stretchMonitors(topology)
        : membersBySite(site.backendOptions, "monitors", topology),
  };
}

export function isStretch({ dataSites, witnessSites }: TopologyPlan): boolean {
  return dataSites.length === 2 && witnessSites.length > 0;
}

/** Monitors by site, by the rule of the stretch mode. */
export function stretchMonitors({
  dataSites,
  witnessSites,
}: TopologyPlan): ReadonlyMap<string, number> {
  return new Map([
    ...dataSites.map((site): [string, number] => [site.name, 2]),
    ...witnessSites.slice(0, 1).map((site): [string, number] => [site.name, 1]),
  ]);
}
