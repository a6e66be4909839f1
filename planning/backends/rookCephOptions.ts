import type { Options } from "../plan";
import type { OptionSpec } from "./backend";
import { flag, HEALTH_CHECK, listOption, text, textOption, texts } from "./options";

/** Options of the site, `backendOptions`. */
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
