import type { TopologyPlan } from "../plan";
import { siteCapacity } from "../topology";
import type { Fall, FallenSite, Place } from "./losses";

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

export interface VolumeLeftovers {
  readonly replicasLost: number;
  readonly tieBreaker: "none" | "stays" | "lost";
}

/**
 * All arrangements that the placement rule admits: which sites hold a volume's copies differs from volume to volume
 * where sites are left over, so a promise has to hold for each of them.
 *
 * @param tieBreaker whether the backend adds a vote without data; see {@link placements}
 */
export function arrangements(
  topology: TopologyPlan,
  factor: number,
  [one, two]: readonly [Place, Place],
  tieBreaker: boolean,
): readonly Arrangement[] {
  const partsOf = ({ dataSites, witnesses }: Place, nodes: (count: number) => number[]): Part[] =>
    [...dataSites, ...witnesses].map((site) => ({
      site,
      role: dataSites.includes(site) ? "data" : "witness",
      nodes: nodes(site.storageNodes.length),
    }));
  const parts = [
    ...partsOf(one, (count) => [count, 0, 0]),
    ...partsOf(two, (count) => [0, count, 0]),
  ];
  const voters = ["first", "second", "elsewhere"] as const;
  return placements(topology, factor, parts, [0, 0, 0], tieBreaker)
    .map(({ copies: [first = 0, second = 0, elsewhere = 0], voter }) => ({
      ...{ first, second, elsewhere },
      tieBreaker: voters[voter] ?? ("none" as const),
    }))
    .sort((left, right) => left.first - right.first || left.second - right.second);
}

/** All that a loss may leave of a volume, most copies lost first. @param tieBreaker see {@link placements} */
export function leftovers(
  topology: TopologyPlan,
  factor: number,
  fall: Fall,
  tieBreaker: boolean,
): readonly VolumeLeftovers[] {
  const parts = fall.map(({ site, role, storage }): Part => {
    return { site, role, nodes: [storage, site.storageNodes.length - storage] };
  });
  const voters = ["lost", "stays"] as const;
  return placements(topology, factor, parts, [0, 0], tieBreaker)
    .map(({ copies: [replicasLost = 0], voter }) => ({
      replicasLost,
      tieBreaker: voters[voter] ?? ("none" as const),
    }))
    .sort((left, right) => right.replicasLost - left.replicasLost);
}

/** A site that is gone through, with its storage nodes by place: what is lost of it and what stays, or a side of a cut. */
interface Part extends Pick<FallenSite, "site" | "role"> {
  readonly nodes: readonly number[];
}

/** A volume as far as it is placed. */
interface Placement {
  /** By place. */
  readonly copies: readonly number[];
  /** Place of the tie-breaker; {@link NOWHERE} as long as it has none. */
  readonly voter: number;
  /** Whether a site that was gone through has a node that could be the tie-breaker. */
  readonly free: boolean;
}

/** Sorts behind every place. */
const NOWHERE = 9;

/**
 * All ways in which a volume can stand that the placement rule admits, by the place of its tie-breaker. It goes through
 * the given sites one by one, and counts the others as one, so it takes no longer where they have many nodes.
 *
 * @param copies none in each place; the last place is where the other sites are
 * @param tieBreaker Whether the backend adds a vote without data. It follows the spread rule with at most one vote per
 *   site, so with copies spread over sites it needs a site that holds none; over nodes, a node that holds none.
 */
function placements(
  topology: TopologyPlan,
  factor: number,
  parts: readonly Part[],
  copies: readonly number[],
  tieBreaker: boolean,
): Placement[] {
  let found: readonly Placement[] = [{ copies, voter: NOWHERE, free: false }];
  for (const { site, role, nodes } of parts) {
    const most = role === "witness" ? 0 : Math.min(factor, siteCapacity(site, topology.maxPerSite));
    const ways = waysToHold(nodes, most).map((held) => {
      // With copies over sites the tie-breaker, which has one more vote, needs a site without any.
      const open = role === "witness" || topology.spread === "nodes" || sumOf(held) === 0;
      return { held, voters: nodes.flatMap((n, at) => (open && n > (held[at] ?? 0) ? [at] : [])) };
    });
    found = distinct(
      found.flatMap((one) =>
        ways.flatMap(({ held, voters }): Placement[] => {
          const free = one.free || voters.length > 0;
          const next = { ...one, copies: one.copies.map((n, at) => n + (held[at] ?? 0)), free };
          const choice = tieBreaker && one.voter === NOWHERE ? voters : [];
          return [next, ...choice.map((voter) => ({ ...next, voter }))];
        }),
      ),
    );
  }
  return distinct(found.flatMap(completion(topology, factor, parts, tieBreaker))).sort(
    (one, two) => one.voter - two.voter,
  );
}

/** All numbers of copies by place, one on a node at most. */
function waysToHold([nodes, ...others]: readonly number[], most: number): readonly number[][] {
  return nodes === undefined
    ? [[]]
    : Array.from({ length: Math.min(nodes, most) + 1 }, (_, held) => held).flatMap((held) =>
        waysToHold(others, most - held).map((rest) => [held, ...rest]),
      );
}

/** Puts what is left of a volume into the sites that were not gone through. */
function completion(
  topology: TopologyPlan,
  factor: number,
  parts: readonly Part[],
  tieBreaker: boolean,
): (one: Placement) => readonly Placement[] {
  const overSites = topology.spread === "sites";
  const gone = new Set(parts.map(({ site }) => site.name));
  const sites = topology.dataSites.filter(({ name }) => !gone.has(name));
  const capacities = sites.map((site) => siteCapacity(site, topology.maxPerSite));
  const capacity = sumOf(capacities);
  // A witness, or a node of the only data site, that could be the tie-breaker.
  const spare =
    topology.witnessSites.some(
      ({ name, storageNodes }) => !gone.has(name) && storageNodes.length > 0,
    ) ||
    (!overSites && sites.some(({ storageNodes }) => storageNodes.length > factor));
  return (one) => {
    const left = factor - sumOf(one.copies);
    if (left < 0 || left > capacity) {
      return [];
    }
    const last = one.copies.length - 1;
    const whole = {
      ...one,
      copies: one.copies.map((n, at) => (at === last ? n + left : n)),
      free: true,
    };
    if (!tieBreaker || one.voter !== NOWHERE) {
      return [whole];
    }
    // Whether one of the sites can be without a copy, and whether one of them has to be.
    const mayBeEmpty = overSites && sites.length > 0 && left <= capacity - Math.min(...capacities);
    const isEmpty = overSites && left < sites.length;
    return [
      ...(spare || mayBeEmpty ? [{ ...whole, voter: last }] : []),
      ...(one.free || spare || isEmpty ? [] : [whole]),
    ];
  };
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function distinct(found: readonly Placement[]): Placement[] {
  const key = ({ copies, voter, free }: Placement): string =>
    `${copies.join(" ")} ${voter} ${free}`;
  return [...new Map(found.map((one) => [key(one), one])).values()];
}
