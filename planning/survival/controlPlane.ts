import type { SiteNodes, TopologyPlan } from "../plan";
import { counted } from "../words";
import type { Place } from "./losses";

/** What is left of the API server's own majority (etcd) after a loss. */
export interface ControlPlane {
  /** False where no site states its `controlPlaneNodes`: then nothing is proven about it. */
  readonly stated: boolean;
  /** Whether a majority stays; true where nothing is stated. */
  readonly majority: boolean;
  /** What is left, in words, e.g. `1 of 3 control-plane nodes stays (2 needed)`. */
  readonly words: string;
}

/** Control-plane nodes of the whole installation; 0 means that they are not stated. */
export function controlPlaneNodes(topology: TopologyPlan): number {
  return nodesOf([...topology.dataSites, ...topology.witnessSites]);
}

/** The control plane after the places are gone. */
export function controlPlaneWithout(
  topology: TopologyPlan,
  places: readonly Place[],
): ControlPlane {
  const total = controlPlaneNodes(topology);
  const left = total - places.reduce((sum, place) => sum + nodesIn(place), 0);
  const needed = Math.floor(total / 2) + 1;
  return {
    stated: total > 0,
    majority: total === 0 || left >= needed,
    words: `${left} of ${counted(total, "control-plane node")} ${left === 1 ? "stays" : "stay"} (${needed} needed)`,
  };
}

/** Where the API server can live after two places no longer reach each other. */
export interface SplitControlPlane {
  readonly stated: boolean;
  /** Whether a majority can live on the side of the place (the place and everything but the other). */
  readonly livesFirst: boolean;
  readonly livesSecond: boolean;
  /** Whether the nodes of the place still reach the API server. */
  readonly reachesFirst: boolean;
  readonly reachesSecond: boolean;
}

/**
 * The control plane when the link between two places is cut. Places elsewhere see both sides; nothing is routed
 * through them.
 */
export function controlPlaneSplit(
  topology: TopologyPlan,
  first: Place,
  second: Place,
): SplitControlPlane {
  const total = controlPlaneNodes(topology);
  if (total === 0) {
    // Unstated: a third building, which sees both sides, is taken to hold its share of a well-spread control plane.
    const third = topology.independentSites > 2;
    return {
      stated: false,
      livesFirst: true,
      livesSecond: true,
      reachesFirst: third,
      reachesSecond: third,
    };
  }
  const needed = Math.floor(total / 2) + 1;
  const elsewhere = total - nodesIn(first) - nodesIn(second);
  const livesFirst = nodesIn(first) + elsewhere >= needed;
  const livesSecond = nodesIn(second) + elsewhere >= needed;
  return {
    stated: true,
    livesFirst,
    livesSecond,
    reachesFirst: livesFirst || (livesSecond && elsewhere > 0),
    reachesSecond: livesSecond || (livesFirst && elsewhere > 0),
  };
}

function nodesIn(place: Place): number {
  return nodesOf([...place.dataSites, ...place.witnesses]);
}

function nodesOf(sites: readonly SiteNodes[]): number {
  return sites.reduce((sum, site) => sum + site.controlPlaneNodes, 0);
}
