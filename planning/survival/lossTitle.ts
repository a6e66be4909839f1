import type { Loss, VmsLost, TopologyPlan } from "../plan";
import { counted, listed } from "../words";

/** Node VMs that a title names; more are counted. */
const NAMED = 4;

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
    case "host":
      return `host ${loss.host} (${vmNames(loss)}) is lost`;
    case "datastore":
      return `datastore ${loss.datastore} (${vmNames(loss)}) is lost`;
    case "nodes":
      return loss.sites[0] === loss.sites[1]
        ? `two nodes of site ${loss.sites[0]} are lost at once`
        : `a node of site ${loss.sites[0]} and one of site ${loss.sites[1]} are lost at once`;
    case "nodeAndWitness":
      return `a node of site ${loss.site} and witness ${loss.witness} are lost at once`;
    case "link":
      return `the link between ${loss.between[0]} and ${loss.between[1]} is cut`;
    case "sites":
      return `sites ${loss.sites[0]} and ${loss.sites[1]} are lost`;
  }
}

function vmNames({ vms, all }: VmsLost): string {
  if (vms.length <= NAMED) {
    return listed(vms.map(({ name }) => name));
  }
  return all ? `all ${vms.length} node VMs` : counted(vms.length, "node VM");
}
