import type { Loss, SiteNodes, TopologyPlan } from "../plan";
import type { NodeVirtualMachine } from "../site";
import { vmLosses } from "./vmLosses";

/** A place that falls as one: a site and the witnesses that stand in its building. */
export interface Place {
  readonly dataSites: readonly SiteNodes[];
  readonly witnesses: readonly SiteNodes[];
}

/**
 * Every loss of one node, one ESXi host, one datastore, one site, one witness, and of the link between two buildings.
 *
 * @param machines The node VMs, where they are known; hosts and datastores are those that they state.
 */
export function losses(
  topology: TopologyPlan,
  vms: readonly NodeVirtualMachine[] = [],
): readonly Loss[] {
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
  return [...nodes, ...vmLosses(topology, vms), ...sites, ...witnesses, ...links];
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
