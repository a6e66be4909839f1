import type { SiteNodes, TopologyPlan } from "../plan";
import { siteCapacity } from "../topology";
import type { Place } from "./losses";

/**
 * One way in which the copies of a volume can stand, as seen from a cut link: how many in the first place, how many in
 * the second, how many elsewhere, and where the tie-breaker is.
 */
export interface Arrangement {
  readonly first: number;
  readonly second: number;
  readonly elsewhere: number;
  readonly tieBreaker: "none" | "first" | "second" | "elsewhere";
}

/**
 * All arrangements that the placement rule admits: which sites hold a volume's copies differs from volume to volume
 * where sites are left over, so a promise has to hold for each of them.
 *
 * @param tieBreaker Whether the backend adds a vote without data. It follows the spread rule with at most one vote per
 *   site, so with copies spread over sites it needs a site that holds none; over nodes, a node that holds none.
 */
export function arrangements(
  topology: TopologyPlan,
  factor: number,
  first: Place,
  second: Place,
  tieBreaker: boolean,
): readonly Arrangement[] {
  const named = new Set([...first.dataSites, ...second.dataSites].map((site) => site.name));
  const rest = topology.dataSites.filter((site) => !named.has(site.name));
  const capacity = (sites: readonly SiteNodes[]): number =>
    sites.reduce((sum, site) => sum + siteCapacity(site, topology.maxPerSite), 0);
  const found: Arrangement[] = [];
  for (let inFirst = 0; inFirst <= capacity(first.dataSites); inFirst += 1) {
    for (let inSecond = 0; inSecond <= capacity(second.dataSites); inSecond += 1) {
      const elsewhere = factor - inFirst - inSecond;
      if (elsewhere < 0 || elsewhere > capacity(rest)) {
        continue;
      }
      const replicas = { first: inFirst, second: inSecond, elsewhere };
      const voters = tieBreaker
        ? tieBreakers(topology, factor, { first, second, rest, replicas })
        : (["none"] as const);
      found.push(...voters.map((at) => ({ ...replicas, tieBreaker: at })));
    }
  }
  return found;
}

interface Draft {
  readonly first: Place;
  readonly second: Place;
  readonly rest: readonly SiteNodes[];
  readonly replicas: Omit<Arrangement, "tieBreaker">;
}

function tieBreakers(
  topology: TopologyPlan,
  factor: number,
  { first, second, rest, replicas }: Draft,
): readonly Arrangement["tieBreaker"][] {
  const witnesses = topology.witnessSites.filter((site) => site.storageNodes.length > 0);
  const taken = [...first.witnesses, ...second.witnesses].map((site) => site.name);
  const overSites = topology.spread === "sites";
  /** Whether the place can give a node: with copies over sites only where it holds no copy. */
  const gives = (place: Place, held: number): boolean =>
    place.witnesses.some((site) => site.storageNodes.length > 0) ||
    place.dataSites.some((site) =>
      overSites ? held === 0 && site.storageNodes.length > 0 : site.storageNodes.length > factor,
    );
  const places: Arrangement["tieBreaker"][] = [];
  if (gives(first, replicas.first)) {
    places.push("first");
  }
  if (gives(second, replicas.second)) {
    places.push("second");
  }
  const witnessElsewhere = witnesses.some((site) => !taken.includes(site.name));
  const spare = overSites
    ? canLeaveOneEmpty(topology, rest, replicas.elsewhere)
    : rest.some((site) => site.storageNodes.length > factor);
  if (witnessElsewhere || spare) {
    places.push("elsewhere");
  }
  const certain =
    witnessElsewhere ||
    places.includes("first") ||
    places.includes("second") ||
    (overSites ? replicas.elsewhere < rest.length : spare);
  return certain ? places : [...places, "none"];
}

/** Whether so many copies can stand in these sites that one of them holds none. */
export function canLeaveOneEmpty(
  topology: TopologyPlan,
  rest: readonly SiteNodes[],
  replicas: number,
): boolean {
  const capacities = rest.map((site) => siteCapacity(site, topology.maxPerSite));
  const total = capacities.reduce((sum, capacity) => sum + capacity, 0);
  return rest.length > 0 && replicas <= total - Math.min(...capacities);
}
