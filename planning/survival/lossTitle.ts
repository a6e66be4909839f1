import type { Loss, VmsLost, TopologyPlan } from "../plan";
import { counted, listed } from "../words";
import { placeOf } from "./lostParts";

/** Node VMs that a title names; more are counted. */
const NAMED = 4;

/** The loss as a sentence without a period, e.g. `node a-1 (site a) is lost`. */
export function lossTitle(topology: TopologyPlan, loss: Loss): string {
  if (loss.kind === "link") {
    return `the link between ${loss.between[0]} and ${loss.between[1]} is cut`;
  }
  const place = placeOf(loss);
  switch (loss.kind) {
    case "node":
      return `${place} (site ${loss.site}) is lost`;
    case "site":
    case "witness": {
      const within = topology.witnessSites
        .filter((site) => site.locatedIn === loss.site)
        .map((site) => site.name);
      return `${place} is lost${within.length === 0 ? "" : `, and with it witness ${listed(within)}`}`;
    }
    case "host":
    case "datastore":
      return `${place} (${vmNames(loss)}) is lost`;
    case "nodes":
    case "nodeAndWitness":
      return `${place} are lost at once`;
    case "sites":
      return `${place} are lost`;
  }
}

function vmNames({ vms, all }: VmsLost): string {
  if (vms.length <= NAMED) {
    return listed(vms.map(({ name }) => name));
  }
  return all ? `all ${vms.length} node VMs` : counted(vms.length, "node VM");
}
