import type { Loss, SiteNodes, TopologyPlan } from "../plan";
import { listed } from "../words";

/** A place that falls as one: a site and the witnesses that stand in its building, or one node. */
export interface Place {
  readonly dataSites: readonly SiteNodes[];
  readonly witnesses: readonly SiteNodes[];
}

/** Every loss of one node, of one site, of one witness, and of the link between two buildings. */
export function losses(topology: TopologyPlan): readonly Loss[] {
  const { dataSites, witnessSites } = topology;
  const nodes = [...dataSites, ...witnessSites].flatMap((site) =>
    site.storageNodes.map((node): Loss => ({ kind: "node", node, site: site.name })),
  );
  const sites = dataSites.map((site): Loss => ({ kind: "site", site: site.name }));
  const witnesses = witnessSites.map((site): Loss => ({ kind: "witness", site: site.name }));
  const roots = buildings(topology);
  const links = roots.flatMap((one, index) =>
    roots.slice(index + 1).map((two): Loss => ({ kind: "link", between: [one, two] })),
  );
  return [...nodes, ...sites, ...witnesses, ...links];
}

/** Names of the sites that stand in a building of their own, in the order of the stack file. */
export function buildings(topology: TopologyPlan): readonly string[] {
  return [...topology.dataSites, ...topology.witnessSites]
    .filter((site) => site.locatedIn === undefined)
    .map((site) => site.name);
}

/** A building by the name of its site: the site, and the witnesses that are located in it. */
export function building(topology: TopologyPlan, name: string): Place {
  return {
    dataSites: topology.dataSites.filter((site) => site.name === name),
    witnesses: topology.witnessSites.filter(
      (site) => site.name === name || site.locatedIn === name,
    ),
  };
}

/** What falls with a witness: its whole building where it has one of its own, else the witness alone. */
export function witnessPlace(topology: TopologyPlan, name: string): Place {
  const own = buildings(topology).includes(name);
  return own
    ? building(topology, name)
    : { dataSites: [], witnesses: topology.witnessSites.filter((site) => site.name === name) };
}

/** The loss as a sentence without a period, e.g. `node a-1 (site a) is lost`. */
export function lossTitle(topology: TopologyPlan, loss: Loss): string {
  switch (loss.kind) {
    case "node":
      return `node ${loss.node} (site ${loss.site}) is lost`;
    case "site":
    case "witness": {
      const within = topology.witnessSites
        .filter((site) => site.locatedIn === loss.site)
        .map((site) => site.name);
      const lost = `${loss.kind} ${loss.site} is lost`;
      return within.length === 0 ? lost : `${lost}, and with it witness ${listed(within)}`;
    }
    case "link":
      return `the link between ${loss.between[0]} and ${loss.between[1]} is cut`;
    case "sites":
      return `sites ${loss.sites[0]} and ${loss.sites[1]} are lost`;
  }
}
