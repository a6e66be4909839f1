import type { Rule } from "../problem";
import { apiRules } from "./apiOptions";
import type { StorageRequest } from "./backend";
import {
  encryptionRules,
  fsTypeRules,
  onePerSite,
  restoreBesideRules,
  tooOld,
  memberRules,
} from "./common";
import { listOption, textOption, pairRules, parametersOf } from "./options";
import { isAtLeast } from "./version";

/** First release whose rebuilt and added copies are known here to keep the spread (openebs/mayastor#1799). */
const SPREAD_HELD = "2.11";

/** Gives a restored file system a UUID of its own. */
const NEW_UUID = "cloneFsIdAsVolumeId";

/** First release that takes a snapshot of a volume with several copies, and restores it to several. */
const REPLICATED_SNAPSHOTS = "2.7";

/** Options that confine copies to some nodes or pools. */
const AFFINITIES = ["nodeAffinityLabels", "poolAffinityLabels"] as const;

/** What Mayastor cannot hold hard, or at all, for a site. */
export function mayastorRules(request: StorageRequest): readonly Rule[] {
  const { site, topology } = request;
  const encrypted = site.backendOptions["encryptedPools"] === true;
  const overSites = topology.spread === "sites";
  const spreads = !overSites || isAtLeast(site.backendVersion, SPREAD_HELD);
  const key = textOption(site.backendOptions, "nodeSpreadKey");
  const path = "backendOptions.nodeSpreadKey";
  const placing = AFFINITIES.filter((name) => listOption(site.backendOptions, name).length > 0);
  return [
    spreads
      ? tooOld(
          site,
          REPLICATED_SNAPSHOTS,
          `before ${REPLICATED_SNAPSHOTS} Mayastor takes no snapshot of a volume that has several copies`,
        )
      : tooOld(
          site,
          SPREAD_HELD,
          "an older release may build a lost copy again in a site that holds one already (openebs/mayastor#1799)",
        ),
    [
      !overSites && key !== undefined,
      path,
      "with one data site all copies have the same value there, and no two could be placed",
      "no such key, or more data sites",
    ],
    onePerSite(
      topology,
      `Mayastor keeps all copies in different sites or lets them stand anywhere, but does not hold ${topology.maxPerSite} per site`,
    ),
    [
      overSites && key === undefined,
      path,
      "Mayastor places by labels of its own nodes and reads no Kubernetes label, so without this one all copies might stand in one site",
      "the key that kubectl mayastor label node NODE KEY=SITE has set on every storage node",
    ],
    [
      overSites && key !== undefined && (key.trim() !== key || /[\n:]/.test(key)),
      path,
      "this is not one label key; each line would be taken for another key",
      "one key, such as zone",
    ],
    [
      placing.length > (overSites ? 0 : 1),
      `backendOptions.${placing.at(-1) ?? ""}`,
      "the driver takes one rule of placement in a class, and with several data sites that is the spread",
      "one of nodeAffinityLabels and poolAffinityLabels, with one data site",
    ],
    ...AFFINITIES.flatMap((name) =>
      pairRules(`backendOptions.${name}`, listOption(site.backendOptions, name), "tier=fast"),
    ),
    ...memberRules(request, "etcdMembers", "the members of Mayastor's etcd"),
    ...encryptionRules(
      site,
      () => encrypted,
      () => "Mayastor encrypts in its pools, and nothing states that there are encrypted ones",
      "backendOptions.encryptedPools: true",
    ),
    ...fsTypeRules(site, ["ext4", "xfs", "btrfs"]),
    ...restoreBesideRules(
      site,
      ["xfs", "btrfs"],
      ({ options }) =>
        ({ ...parametersOf(site.backendOptions), ...parametersOf(options) })[NEW_UUID] === "true",
      `parameters: [${NEW_UUID}=true]`,
    ),
    ...apiRules(site),
  ];
}
