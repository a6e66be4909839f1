import type { Loss, TopologyPlan } from "../plan";
import { controlPlaneCount, controlPlaneNodes, runsControlPlane } from "../topology";
import { counted } from "../words";
import type { Fall, Place } from "./losses";

/** What is left of the API server's own majority (etcd) after a loss. */
export interface ControlPlane {
  readonly majority: boolean;
  /** What is left, in words, e.g. `1 of 3 control-plane nodes stays (2 needed)`; undefined where nothing is known. */
  readonly words: string | undefined;
}

const NOTHING_STARTS = "so no pod can be started elsewhere";

/**
 * The control plane after a loss. Where it is not stated, three sites or more are taken to hold it well spread, which
 * the summary says is not proven; with fewer, one of them holds the majority, and it may be this one.
 */
export function controlPlaneAfter(topology: TopologyPlan, loss: Loss, fall: Fall): ControlPlane {
  const vms = loss.kind === "host" || loss.kind === "datastore" ? loss : undefined;
  const whole = fall.filter((part) => part.whole).map(({ site }) => site);
  const total = vms?.controlPlaneNodes ?? controlPlaneNodes(topology);
  if (total === 0) {
    // A witness in another site's building is no building: the control plane is not taken to fall with it.
    const kept =
      whole.every((site) => site.locatedIn !== undefined) || topology.independentSites > 2;
    const why =
      "with fewer than three sites one holds the majority of the control plane, and no site states controlPlaneNodes";
    return { majority: kept, words: kept ? undefined : `${why}, ${NOTHING_STARTS}` };
  }
  const named =
    vms?.vms.filter(runsControlPlane).length ??
    // Which of the site's storage nodes they are is not stated: a lost one is taken for one of them.
    fall.reduce(
      (sum, { site, whole: all, storage }) =>
        all || !site.converged ? sum : sum + Math.min(site.controlPlaneNodes, storage),
      0,
    );
  const lost = Math.min(total, controlPlaneCount(whole) + named);
  // Where no control-plane node falls there is nothing to say.
  if (whole.length === 0 && lost === 0) {
    return { majority: true, words: undefined };
  }
  const left = total - lost;
  const needed = Math.floor(total / 2) + 1;
  const words = `${left} of ${counted(total, "control-plane node")} ${left === 1 ? "stays" : "stay"} (${needed} needed)`;
  return left >= needed
    ? { majority: true, words }
    : { majority: false, words: `${words}, ${NOTHING_STARTS}` };
}

/** Where the API server can live after two places no longer reach each other. */
export interface SplitControlPlane {
  /** Whether a majority can live on the side of the place (the place and everything but the other). */
  readonly livesFirst: boolean;
  readonly livesSecond: boolean;
  /** Whether the nodes of the place still reach the API server. */
  readonly reachesFirst: boolean;
  readonly reachesSecond: boolean;
}

/**
 * The control plane when the link between two places is cut; all cases to reckon with where it is not stated. Places
 * elsewhere see both sides; nothing is routed through them.
 */
export function controlPlaneSplits(
  topology: TopologyPlan,
  first: Place,
  second: Place,
): readonly SplitControlPlane[] {
  const total = controlPlaneNodes(topology);
  if (total === 0) {
    return topology.independentSites > 2 ? [EVERYWHERE] : [ON_FIRST, ON_SECOND];
  }
  const needed = Math.floor(total / 2) + 1;
  const elsewhere = total - nodesIn(first) - nodesIn(second);
  const livesFirst = nodesIn(first) + elsewhere >= needed;
  const livesSecond = nodesIn(second) + elsewhere >= needed;
  return [
    {
      livesFirst,
      livesSecond,
      reachesFirst: livesFirst || (livesSecond && elsewhere > 0),
      reachesSecond: livesSecond || (livesFirst && elsewhere > 0),
    },
  ];
}

/** Whether a majority lives on one side at least. */
export function isAlive(split: SplitControlPlane): boolean {
  return split.livesFirst || split.livesSecond;
}

/** Said where {@link isAlive} does not hold. */
export const NO_MAJORITY =
  "neither side keeps a majority of the control plane, so nothing can be started";

const EVERYWHERE: SplitControlPlane = {
  livesFirst: true,
  livesSecond: true,
  reachesFirst: true,
  reachesSecond: true,
};
const ON_FIRST: SplitControlPlane = { ...EVERYWHERE, livesSecond: false, reachesSecond: false };
const ON_SECOND: SplitControlPlane = { ...EVERYWHERE, livesFirst: false, reachesFirst: false };

function nodesIn(place: Place): number {
  return controlPlaneCount([...place.dataSites, ...place.witnesses]);
}
