import type { Rule } from "../problem";
import type { Site } from "../site";
import { listed } from "../words";
import { apiRules } from "./apiOptions";
import type { StorageRequest } from "./backend";
import { encryptionRules, fsTypeRules, oneEach } from "./common";
import { remoteAccess, VOTELESS_CLIENTS } from "./linstorOptions";
import { textOption } from "./options";
import { splitParameter } from "./parameters";
import { isAtLeast } from "./version";

/** Labels that Piraeus copies from a node to its satellite, so that LINSTOR can place by them. */
const COPIED_LABELS = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];

/** First release that holds `xReplicasOnDifferent` in every case; 1.28 brought it, 1.29.2 mended a way around it. */
const HARD_X_REPLICAS = "1.29.2";

/** What LINSTOR cannot hold hard, or at all, for a site. */
export function linstorRules({ site, topology }: StorageRequest): readonly Rule[] {
  const overSites = topology.spread === "sites";
  const property = textOption(site.backendOptions, "siteProperty");
  const same = textOption(site.backendOptions, "replicasOnSame");
  const hasPassphrase = textOption(site.backendOptions, "passphraseSecret") !== undefined;
  return [
    [
      overSites && property === undefined && !COPIED_LABELS.includes(topology.siteLabel),
      "topology.siteLabel",
      "Piraeus does not copy this label to its satellites, so LINSTOR would take every node for a site of its own",
      `${listed(COPIED_LABELS, "or")}, or backendOptions.siteProperty with the property that carries the site`,
    ],
    [
      overSites && property !== undefined && !property.startsWith("Aux/"),
      "backendOptions.siteProperty",
      "LINSTOR places by auxiliary properties only",
      "a property that starts with Aux/",
    ],
    [
      overSites && topology.maxPerSite > 1 && !isAtLeast(site.backendVersion, HARD_X_REPLICAS),
      "replicationFactor",
      `${topology.maxPerSite} copies per site are held hard only with xReplicasOnDifferent, which LINSTOR ` +
        `${String(site.backendVersion)} lacks or can break`,
      `${oneEach(topology)}, or LINSTOR ${HARD_X_REPLICAS} or newer`,
    ],
    [
      same !== undefined && splitParameter(same).includes(""),
      "backendOptions.replicasOnSame",
      "without a value LINSTOR puts all copies where the property is alike, so in one site where it is the site's",
      "property=value, e.g. Aux/disks=nvme",
    ],
    ...site.topology.sites.map((place, index): Rule => [
      place.role === "witness" && place.storageNodes.length === 0,
      `topology.sites[${index}].storageNodes`,
      `the tie-breaker of witness ${place.name} needs a node that runs a LINSTOR satellite`,
      "one node name or more (no storage pool is needed there)",
    ]),
    ...remoteRules(site),
    ...encryptionRules(
      site,
      () => hasPassphrase,
      () => "LINSTOR encrypts only when it has its passphrase",
      "backendOptions.passphraseSecret with the name of its secret",
    ),
    ...fsTypeRules(site, ["ext4", "xfs"]),
    ...apiRules(site),
  ];
}

/** A pod without a copy on its node took the tie-breaker's vote to its own site before 1.34. */
function remoteRules(site: Site): readonly Rule[] {
  const voting =
    !isAtLeast(site.backendVersion, VOTELESS_CLIENTS) && site.replicationFactor % 2 === 0;
  const paths = site.classes.flatMap((spec, index) => {
    if (!voting || !remoteAccess(site, spec)) {
      return [];
    }
    return spec.options["allowRemoteVolumeAccess"] === undefined
      ? ["backendOptions.allowRemoteVolumeAccess"]
      : [`classes[${index}].options.allowRemoteVolumeAccess`];
  });
  return [...new Set(paths)].map((path) => [
    true,
    path,
    `before LINSTOR ${VOTELESS_CLIENTS} a pod on a node without a copy takes the tie-breaker's place and ` +
      "gives its own site a second vote, so the loss of that site would stop the volume",
    `false, or LINSTOR ${VOTELESS_CLIENTS} or newer`,
  ]);
}
