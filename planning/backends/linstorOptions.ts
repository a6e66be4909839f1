import type { Options } from "../plan";
import type { Site, StorageClassSpec } from "../site";
import { apiOptions } from "./apiOptions";
import type { OptionSpec } from "./backend";
import { flag, text, textOption } from "./options";
import { isAtLeast } from "./version";

/** Pools that can hold snapshots. Plain LVM has none, and the driver says so only when the first one is taken. */
const SNAPSHOT_POOLS = ["LVM_THIN", "ZFS", "ZFS_THIN", "FILE_THIN"] as const;

const STORAGE_POOL = text(
  "LINSTOR storage pool that holds the copies, the same name on every storage node",
);

const ALLOW_REMOTE = flag("whether a pod may use a volume from a node that holds no copy of it", {
  default: "true, or false before LINSTOR 1.34",
});

/** Options of the site, `backendOptions`. */
export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  storagePool: { ...STORAGE_POOL, required: true },
  poolKind: text("kind of the storage pool; restore points need one that can hold snapshots", {
    allowed: SNAPSHOT_POOLS,
    required: true,
  }),
  namespace: text("namespace that LINSTOR runs in", { default: "piraeus-datastore" }),
  allowRemoteVolumeAccess: ALLOW_REMOTE,
  quorum: text(
    "auto: LINSTOR turns quorum on where three votes or more exist; majority: always on, so that two copies without a tie-breaker stop instead of splitting",
    { allowed: ["auto", "majority"], default: "auto" },
  ),
  siteProperty: text(
    "LINSTOR node property (Aux/...) that carries the site, where topology.siteLabel is not one of the labels that Piraeus copies to its satellites",
    { default: "topology.siteLabel" },
  ),
  passphraseSecret: text(
    "name of the secret with LINSTOR's passphrase; needed for encrypted classes",
  ),
  csiVersion: text("version of linstor-csi; group snapshots need 1.10.0", {
    default: "the newest known, or none with groups where backendVersion is older than 1.32",
  }),
  ...apiOptions("LINSTOR's REST API", "https://linstor.example:3371", "certificate"),
};

/** Options of a class, `classes[].options`; they win over the site's. */
export const CLASS_OPTIONS = { storagePool: STORAGE_POOL, allowRemoteVolumeAccess: ALLOW_REMOTE };

export function quorumOption(options: Options): "auto" | "majority" {
  return textOption(options, "quorum") === "majority" ? "majority" : "auto";
}

/** LINSTOR release from which a pod on a node without a copy attaches as a client that has no vote. */
export const VOTELESS_CLIENTS = "1.34";

/**
 * Whether pods may use a volume from a node without a copy. Before 1.34 such a pod took the tie-breaker's place and
 * gave its site a second vote, so the default is no there.
 */
export function remoteAccess(site: Site, spec: StorageClassSpec): boolean {
  const stated =
    spec.options["allowRemoteVolumeAccess"] ?? site.backendOptions["allowRemoteVolumeAccess"];
  return typeof stated === "boolean" ? stated : isAtLeast(site.backendVersion, VOTELESS_CLIENTS);
}

/** Group snapshots came with linstor-csi 1.10.0 (October 2025), the driver of the LINSTOR 1.32 series and later. */
export function supportsGroups(options: Options, backendVersion: string | undefined): boolean {
  const driver = textOption(options, "csiVersion");
  return driver === undefined ? isAtLeast(backendVersion, "1.32") : isAtLeast(driver, "1.10");
}
