import type { TopologyPlan } from "../plan";
import type { StorageRequest } from "./backend";
import { membersBySite } from "./members";
import { listOption } from "./options";

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
