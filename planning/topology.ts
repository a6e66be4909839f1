import type { SiteNodes, TopologyPlan } from "./plan";
import type { NodeVirtualMachine, SiteTopology } from "./site";
import { compareText } from "./words";

/** Rule that a waiver may pass: a node is what the stack file says. Its subject is the finding's object, e.g. `Node a-1`. */
export const NODE_FACTS = "node-facts";

/**
 * Where the copies of a volume may stand. With D data sites each site holds at most ceil(factor / D) copies; with
 * one data site copies are spread over nodes only. Total for any well-typed topology, also one that `checkSite`
 * refuses.
 */
export function planTopology(topology: SiteTopology, factor: number): TopologyPlan {
  const dataSites = topology.sites.filter((site) => site.role === "data");
  const witnessSites = topology.sites.filter((site) => site.role === "witness");
  const maxPerSite = dataSites.length > 1 ? Math.ceil(factor / dataSites.length) : factor;
  return {
    siteLabel: topology.siteLabel,
    dataSites,
    witnessSites,
    independentSites: independentSites(topology),
    spread: dataSites.length > 1 ? "sites" : "nodes",
    maxPerSite,
    replicasPerSite: balance(dataSites, maxPerSite, factor),
  };
}

/** Sites that fall independently of each other: a witness that stands in another site's building is none. */
export function independentSites(topology: SiteTopology): number {
  return topology.sites.filter((site) => site.locatedIn === undefined).length;
}

/** Control-plane nodes of the whole installation; 0 means that they are not stated. */
export function controlPlaneNodes({ dataSites, witnessSites }: TopologyPlan): number {
  return controlPlaneCount([...dataSites, ...witnessSites]);
}

export function controlPlaneCount(sites: readonly SiteNodes[]): number {
  return sites.reduce((sum, site) => sum + site.controlPlaneNodes, 0);
}

/** Whether a node VM of this role runs etcd. */
export function runsControlPlane({ role }: Pick<NodeVirtualMachine, "role">): boolean {
  return role === "controlPlane" || role === "converged";
}

/** Whether a node VM of this role holds replicas. */
export function holdsReplicas({ role }: Pick<NodeVirtualMachine, "role">): boolean {
  return role === "storage" || role === "converged";
}

/** Copies that a data site can hold: no node holds two, and no site more than its share. */
export function siteCapacity(site: SiteNodes, maxPerSite: number): number {
  return Math.min(maxPerSite, site.storageNodes.length);
}

/** Copies that all data sites together can hold under the rule of {@link planTopology}. */
export function totalCapacity(topology: SiteTopology, factor: number): number {
  const { dataSites, maxPerSite } = planTopology(topology, factor);
  return dataSites.reduce((sum, site) => sum + siteCapacity(site, maxPerSite), 0);
}

/**
 * Gives one copy at a time to the emptiest site that has a node left. Ties go by name, so that the order of the
 * stack file does not matter.
 */
function balance(
  sites: readonly SiteNodes[],
  maxPerSite: number,
  factor: number,
): Record<string, number> {
  const replicas = new Map(sites.map((site) => [site.name, 0]));
  const held = (site: SiteNodes): number => replicas.get(site.name) ?? 0;
  for (let copy = 0; copy < factor; copy += 1) {
    const next = sites
      .filter((site) => held(site) < siteCapacity(site, maxPerSite))
      .sort((one, two) => held(one) - held(two) || compareText(one.name, two.name))[0];
    if (next === undefined) {
      break;
    }
    replicas.set(next.name, held(next) + 1);
  }
  return Object.fromEntries(replicas);
}
