import type { Options, TopologyPlan } from "../plan";
import type { Site, StorageClassSpec } from "../site";
import { apiOptions } from "./apiOptions";
import type { OptionSpec, StorageRequest } from "./backend";
import { flag, listOption, text, textOption, texts } from "./options";
import { isAtLeast } from "./version";
import { shortHash } from "../names";

/** Pools that can hold snapshots. Plain LVM has none, and the driver says so only when the first one is taken. */
const SNAPSHOT_POOLS = ["LVM_THIN", "ZFS", "ZFS_THIN", "FILE_THIN"] as const;

const STORAGE_POOL = text(
  "LINSTOR storage pool that holds the copies, the same name on every storage node",
);

const ALLOW_REMOTE = flag("whether a pod may use a volume from a node that holds no copy of it", {
  default: "true, or false before LINSTOR 1.34 where there are several sites",
});

export const OPTIONS: Readonly<Record<string, OptionSpec>> = {
  storagePool: { ...STORAGE_POOL, required: true },
  poolKind: text("kind of the storage pool; restore points need one that can hold snapshots", {
    allowed: SNAPSHOT_POOLS,
    required: true,
  }),
  namespace: text("namespace that LINSTOR runs in", { default: "piraeus-datastore" }),
  allowRemoteVolumeAccess: ALLOW_REMOTE,
  quorum: text(
    "auto: LINSTOR turns quorum on where three votes or more exist; majority: always on, so that two copies without a tie-breaker stop instead of splitting; off: a copy goes on alone, and only a person may start a workload elsewhere",
    { allowed: ["auto", "majority", "off"], default: "auto" },
  ),
  replicasOnSame: text(
    "node property and value that a node with a copy must have, e.g. Aux/disks=nvme; every storage node of topology.sites has it",
  ),
  remoteAccessFrom: texts(
    "node labels: a pod without a copy on its node may use the volume where each has the value of a node that holds one, e.g. topology.kubernetes.io/zone",
    { default: "anywhere, where allowRemoteVolumeAccess is true" },
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

/** Further parameters, as linstor-csi and DRBD read them. Not among them: protocols, fences and split-brain policies. */
export const HARMLESS = {
  fsOpts: "Options of mkfs.",
  mountOpts: "Mount options.",
  postMountXfsOpts: "Options of xfs_io after each mount.",
  usePvcName: "The volume is named after its claim.",
  "DrbdOptions/Net/max-buffers": "DRBD's buffers.",
  "DrbdOptions/Net/max-epoch-size": "DRBD's requests between two barriers.",
  "DrbdOptions/Net/sndbuf-size": "DRBD's send buffer.",
  "DrbdOptions/Net/rcvbuf-size": "DRBD's receive buffer.",
  "DrbdOptions/Net/verify-alg": "DRBD's digest for an online verification.",
  "DrbdOptions/Net/csums-alg":
    "DRBD's digest by which a resynchronization leaves equal blocks out.",
  "DrbdOptions/PeerDevice/c-max-rate": "Most that a resynchronization takes of the network.",
  "DrbdOptions/PeerDevice/c-min-rate":
    "Least that a resynchronization gets beside the application.",
  "DrbdOptions/PeerDevice/c-fill-target": "What a resynchronization keeps in flight.",
  "DrbdOptions/PeerDevice/c-plan-ahead": "How far a resynchronization plans its rate ahead.",
} as const;

/** Options of a class, `classes[].options`; they win over the site's. */
export const CLASS_OPTIONS = { storagePool: STORAGE_POOL, allowRemoteVolumeAccess: ALLOW_REMOTE };

export function quorumOption(options: Options): "auto" | "majority" | "off" {
  const stated = textOption(options, "quorum");
  return stated === "majority" || stated === "off" ? stated : "auto";
}

/** LINSTOR release from which a pod on a node without a copy attaches as a client that has no vote. */
export const VOTELESS_CLIENTS = "1.34";

/**
 * Whether pods may use a volume from a node without a copy. Before 1.34 such a pod took the tie-breaker's place and
 * gave its site a second vote, so the default is no there where there are several sites.
 */
export function remoteAccess(site: Site, spec: StorageClassSpec): boolean {
  const stated =
    spec.options["allowRemoteVolumeAccess"] ?? site.backendOptions["allowRemoteVolumeAccess"];
  return typeof stated === "boolean" ? stated : !clientsVote(site);
}

/** Whether a pod on a node without a copy may give its own site a second vote; at one site that changes nothing. */
export function clientsVote({ backendVersion, topology }: Site): boolean {
  return topology.sites.length > 1 && !isAtLeast(backendVersion, VOTELESS_CLIENTS);
}

/** The driver's policy of remote access: a switch, or the labels that have to be alike. */
function remoteAccessPolicy(site: Site, spec: StorageClassSpec): string {
  const keys = listOption(site.backendOptions, "remoteAccessFrom");
  const allowed = remoteAccess(site, spec);
  return allowed && keys.length > 0
    ? `- fromSame:\n${keys.map((key) => `  - ${key}\n`).join("")}`
    : String(allowed);
}

/** Group snapshots came with linstor-csi 1.10.0 (October 2025), the driver of the LINSTOR 1.32 series and later. */
export function supportsGroups(options: Options, backendVersion: string | undefined): boolean {
  const driver = textOption(options, "csiVersion");
  return driver === undefined ? isAtLeast(backendVersion, "1.32") : isAtLeast(driver, "1.10");
}

/** Without the prefix a key may be mistaken for another driver's; with any other prefix LINSTOR ignores it silently. */
const PARAMETER = "linstor.csi.linbit.com/";
const PROPERTY = "property.linstor.csi.linbit.com/DrbdOptions/";

const GROUP_NAME_LIMIT = 48;

/** A class of LINSTOR: hard spread, quorum by suspension. */
export function linstorParameters(
  { site, topology }: StorageRequest,
  spec: StorageClassSpec,
): Readonly<Record<string, string>> {
  const same = textOption(site.backendOptions, "replicasOnSame");
  return {
    [`${PARAMETER}placementCount`]: String(site.replicationFactor),
    [`${PARAMETER}storagePool`]:
      textOption({ ...site.backendOptions, ...spec.options }, "storagePool") ?? "",
    // What encrypts is the LUKS layer in the list; the driver only reads the flag beside it.
    [`${PARAMETER}layerList`]: spec.encryption ? "drbd luks storage" : "drbd storage",
    ...(spec.encryption ? { [`${PARAMETER}encryption`]: "true" } : {}),
    [`${PARAMETER}allowRemoteVolumeAccess`]: remoteAccessPolicy(site, spec),
    ...(same === undefined ? {} : { [`${PARAMETER}replicasOnSame`]: same }),
    ...spreadParameters(site, topology),
    ...quorumParameters(site),
  };
}

function spreadParameters(site: Site, topology: TopologyPlan): Record<string, string> {
  // Copies always stand on different nodes; over nodes alone there is nothing to add.
  if (topology.spread === "nodes") {
    return {};
  }
  const key = textOption(site.backendOptions, "siteProperty") ?? topology.siteLabel;
  return topology.maxPerSite === 1
    ? { [`${PARAMETER}replicasOnDifferent`]: key }
    : { [`${PARAMETER}xReplicasOnDifferent`]: `${key}: ${topology.maxPerSite}` };
}

/**
 * What DRBD does without a majority: it suspends I/O, so that a volume goes on by itself once the others are back, and
 * it gives the device up where it can only be outdated. The fail-over controller builds on these.
 */
function quorumParameters(site: Site): Record<string, string> {
  if (quorumOption(site.backendOptions) === "off") {
    return {
      ...(isAtLeast(site.backendVersion, "1.31") ? {} : { [`${PROPERTY}auto-quorum`]: "disabled" }),
      [`${PROPERTY}Resource/quorum`]: "off",
      [`${PROPERTY}Net/rr-conflict`]: "retry-connect",
    };
  }
  return {
    // LINSTOR 1.31 took auto-quorum away: since then quorum is managed unless it is set, and this says what follows.
    [isAtLeast(site.backendVersion, "1.31")
      ? `${PROPERTY}Resource/on-no-quorum`
      : `${PROPERTY}auto-quorum`]: "suspend-io",
    ...(quorumOption(site.backendOptions) === "majority"
      ? { [`${PROPERTY}Resource/quorum`]: "majority" }
      : {}),
    [`${PROPERTY}Resource/on-no-data-accessible`]: "suspend-io",
    [`${PROPERTY}Resource/on-suspended-primary-outdated`]: "force-secondary",
    [`${PROPERTY}Net/rr-conflict`]: "retry-connect",
  };
}

/**
 * One resource group per class and set of parameters. A group keeps the properties it was made with ("cannot change
 * existing property value") while counts of a shared group change under the volumes that are already in it, so other
 * parameters get another group: its name carries their hash.
 */
export function resourceGroup(
  parameters: Readonly<Record<string, string>>,
  { name: className }: StorageClassSpec,
): Readonly<Record<string, string>> {
  const sorted = Object.entries(parameters).sort(([one], [two]) => (one < two ? -1 : 1));
  const hash = shortHash(JSON.stringify([className, sorted]));
  const plain = className.replace(/[^A-Za-z0-9_-]+/g, "-");
  const readable = plain.startsWith("atom-") ? plain : `atom-${plain}`;
  const start = readable.slice(0, GROUP_NAME_LIMIT - hash.length - 1).replace(/-+$/, "");
  return { [`${PARAMETER}resourceGroup`]: `${start}-${hash}` };
}
