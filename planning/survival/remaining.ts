import type { SiteNodes, TopologyPlan } from "../plan";
import { siteCapacity } from "../topology";
import { canLeaveOneEmpty } from "./arrangements";
import type { Fall, FallenSite } from "./lostParts";

/** What a loss leaves of one volume. */
export interface VolumeLeftovers {
  readonly replicasLost: number;
  readonly tieBreaker: "none" | "stays" | "lost";
}

/**
 * All that a loss may leave of a volume, over every arrangement that the placement rule admits, most copies lost first.
 * It goes through the sites that the loss touches, one by one, and counts the others as one, so it takes no longer
 * where they have many nodes.
 *
 * @param tieBreaker Whether the backend adds a vote without data; see {@link arrangements} for where it may stand.
 */
export function leftovers(
  topology: TopologyPlan,
  factor: number,
  fall: Fall,
  tieBreaker: boolean,
): readonly VolumeLeftovers[] {
  let drafts: readonly Draft[] = [{ placed: 0, lost: 0, voter: "open", free: false }];
  for (const part of fall) {
    drafts = distinct(
      drafts.flatMap((draft) =>
        liveSnapshots(topology, factor, part).flatMap((held) => add(draft, held, tieBreaker)),
      ),
    );
  }
  const rest = restOf(topology, factor, fall);
  const found = drafts.flatMap((draft) => complete(draft, factor, rest, tieBreaker));
  const byText = new Map(found.map((one) => [`${one.replicasLost} ${one.tieBreaker}`, one]));
  return [...byText.values()].sort(
    (one, two) =>
      two.replicasLost - one.replicasLost ||
      VOTERS.indexOf(one.tieBreaker) - VOTERS.indexOf(two.tieBreaker),
  );
}

const VOTERS: readonly VolumeLeftovers["tieBreaker"][] = ["lost", "stays", "none"];

/** A volume as far as it is placed. */
interface Draft {
  readonly placed: number;
  readonly lost: number;
  /** Where the tie-breaker stands, if in a site that was gone through. */
  readonly voter: "open" | "stays" | "lost";
  /** Whether a site that was gone through has a node that could be the tie-breaker. */
  readonly free: boolean;
}

/** One way in which a site holds copies of a volume. */
interface Holding {
  readonly replicas: number;
  readonly lost: number;
  /** Whether a node that is lost, or one that stays, could be the tie-breaker. */
  readonly voterLost: boolean;
  readonly voterStays: boolean;
}

function liveSnapshots(
  topology: TopologyPlan,
  factor: number,
  { site, role, storage }: FallenSite,
): readonly Holding[] {
  const nodes = site.storageNodes.length;
  const most = role === "witness" ? 0 : Math.min(factor, siteCapacity(site, topology.maxPerSite));
  const found: Holding[] = [];
  for (let replicas = 0; replicas <= most; replicas += 1) {
    const standing = nodes - storage;
    for (
      let lost = Math.max(0, replicas - standing);
      lost <= Math.min(replicas, storage);
      lost += 1
    ) {
      // With copies over sites the tie-breaker, which has one more vote, needs a site without any.
      const open = role === "witness" || topology.spread === "nodes" || replicas === 0;
      found.push({
        replicas,
        lost,
        voterLost: open && storage > lost,
        voterStays: open && standing > replicas - lost,
      });
    }
  }
  return found;
}

function add(draft: Draft, held: Holding, tieBreaker: boolean): readonly Draft[] {
  const open = tieBreaker && draft.voter === "open";
  const next = {
    placed: draft.placed + held.replicas,
    lost: draft.lost + held.lost,
    voter: draft.voter,
    free: draft.free || held.voterLost || held.voterStays,
  };
  return [
    next,
    ...(open && held.voterLost ? [{ ...next, voter: "lost" as const }] : []),
    ...(open && held.voterStays ? [{ ...next, voter: "stays" as const }] : []),
  ];
}

/** The sites that the loss does not touch. */
interface Rest {
  readonly topology: TopologyPlan;
  readonly dataSites: readonly SiteNodes[];
  readonly capacity: number;
  readonly witness: boolean;
  /** Whether a single data site has a node to spare. */
  readonly spareNode: boolean;
}

function restOf(topology: TopologyPlan, factor: number, fall: Fall): Rest {
  const touched = new Set(fall.map(({ site }) => site.name));
  const dataSites = topology.dataSites.filter((site) => !touched.has(site.name));
  return {
    topology,
    dataSites,
    capacity: dataSites.reduce((sum, site) => sum + siteCapacity(site, topology.maxPerSite), 0),
    witness: topology.witnessSites.some(
      (site) => !touched.has(site.name) && site.storageNodes.length > 0,
    ),
    spareNode:
      topology.spread === "nodes" && dataSites.some((site) => site.storageNodes.length > factor),
  };
}

function complete(
  draft: Draft,
  factor: number,
  rest: Rest,
  tieBreaker: boolean,
): readonly VolumeLeftovers[] {
  const elsewhere = factor - draft.placed;
  if (elsewhere < 0 || elsewhere > rest.capacity) {
    return [];
  }
  const replicasLost = draft.lost;
  if (!tieBreaker) {
    return [{ replicasLost, tieBreaker: "none" }];
  }
  if (draft.voter !== "open") {
    return [{ replicasLost, tieBreaker: draft.voter }];
  }
  const overSites = rest.topology.spread === "sites";
  const mayStay =
    rest.witness ||
    rest.spareNode ||
    (overSites && canLeaveOneEmpty(rest.topology, rest.dataSites, elsewhere));
  const certain =
    draft.free ||
    rest.witness ||
    rest.spareNode ||
    (overSites && elsewhere < rest.dataSites.length);
  return [
    ...(mayStay ? [{ replicasLost, tieBreaker: "stays" as const }] : []),
    ...(certain ? [] : [{ replicasLost, tieBreaker: "none" as const }]),
  ];
}

function distinct(drafts: readonly Draft[]): readonly Draft[] {
  const found = new Map(
    drafts.map((draft) => [
      `${draft.placed} ${draft.lost} ${draft.voter} ${String(draft.free)}`,
      draft,
    ]),
  );
  return [...found.values()];
}
