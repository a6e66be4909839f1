import type { Loss, VmLost, SiteNodes, TopologyPlan } from "../plan";
import { listed } from "../words";
import { building, type Place, witnessPlace } from "./losses";

/** What a loss takes of one site. */
export interface FallenSite {
  readonly site: SiteNodes;
  readonly role: "data" | "witness";
  /** Whether all that stands in the site is lost, known or not. */
  readonly whole: boolean;
  /** Storage nodes that are lost; of a witness, nodes that may hold a tie-breaker. */
  readonly storage: number;
  /** Further nodes that are lost and may run pods: not those of the control plane. */
  readonly workers: number;
}

/** What a loss takes, by site; a site of which it takes nothing is left out. */
export type Fall = readonly FallenSite[];

/** What falls with a loss. A cut link takes nothing. */
export function fallOf(topology: TopologyPlan, loss: Loss): Fall {
  switch (loss.kind) {
    case "node":
      return nodesOf(topology, loss.site, 1);
    case "nodes": {
      const [one, two] = loss.sites;
      return one === two
        ? nodesOf(topology, one, 2)
        : [...nodesOf(topology, one, 1), ...nodesOf(topology, two, 1)];
    }
    case "nodeAndWitness":
      return [
        ...nodesOf(topology, loss.site, 1),
        ...wholeSites(witnessPlace(topology, loss.witness)),
      ];
    case "site":
      return wholeSites(building(topology, loss.site));
    case "sites":
      return loss.sites.flatMap((site) => wholeSites(building(topology, site)));
    case "witness":
      return wholeSites(witnessPlace(topology, loss.site));
    case "host":
    case "datastore":
      return vmsOf(topology, loss.vms);
    case "link":
      return [];
  }
}

/** What is lost, in words without a verb, e.g. `site a`. */
export function placeOf(loss: Exclude<Loss, { readonly kind: "link" }>): string {
  switch (loss.kind) {
    case "node":
      return `node ${loss.node}`;
    case "nodes": {
      const [one, two] = loss.sites;
      return one === two
        ? `two nodes of site ${one}`
        : `a node of site ${one} and one of site ${two}`;
    }
    case "nodeAndWitness":
      return `a node of site ${loss.site} and witness ${loss.witness}`;
    case "site":
    case "witness":
      return `${loss.kind} ${loss.site}`;
    case "sites":
      return `sites ${listed(loss.sites)}`;
    case "host":
      return `host ${loss.host}`;
    case "datastore":
      return `datastore ${loss.datastore}`;
  }
}

/**
 * Members of a store that decides by majority, lost with a fall: no two of them share a node, and which nodes of a
 * site they run on is not known, so each node that is lost may have run one.
 *
 * @param everywhere Whether they may run on nodes that hold no data.
 */
export function membersLost(
  fall: Fall,
  bySite: ReadonlyMap<string, number>,
  everywhere: boolean,
): number {
  return fall.reduce((sum, { site, whole, storage, workers }) => {
    const members = bySite.get(site.name) ?? 0;
    const nodes = storage + (everywhere ? workers : 0);
    return sum + (whole ? members : Math.min(members, nodes));
  }, 0);
}

/** Whether workloads ran in what is lost, wherever the copies were: they run on the nodes of sites that hold data. */
export function takesWorkloads(fall: Fall): boolean {
  return fall.some(
    ({ role, whole, storage, workers }) => role === "data" && (whole || storage + workers > 0),
  );
}

function nodesOf(topology: TopologyPlan, name: string, storage: number): Fall {
  const of = (sites: readonly SiteNodes[], role: FallenSite["role"]): Fall =>
    sites
      .filter((site) => site.name === name)
      .map((site) => ({ site, role, whole: false, storage, workers: 0 }));
  return [...of(topology.dataSites, "data"), ...of(topology.witnessSites, "witness")];
}

function wholeSites({ dataSites, witnesses }: Place): Fall {
  const of = (sites: readonly SiteNodes[], role: FallenSite["role"]): Fall =>
    sites.map((site) => ({
      site,
      role,
      whole: true,
      storage: site.storageNodes.length,
      workers: 0,
    }));
  return [...of(dataSites, "data"), ...of(witnesses, "witness")];
}

/** The VMs by site. What the topology lists as a storage node is one, whatever the VM's role: a witness's is a worker. */
function vmsOf(topology: TopologyPlan, vms: readonly VmLost[]): Fall {
  const of = (sites: readonly SiteNodes[], role: FallenSite["role"]): Fall =>
    sites.flatMap((site) => {
      const lost = vms.filter((vm) => vm.site === site.name);
      const storage = lost.filter(({ name }) => site.storageNodes.includes(name)).length;
      const control = lost.filter(
        (vm) => vm.role === "controlPlane" && !site.storageNodes.includes(vm.name),
      ).length;
      const workers = lost.length - storage - control;
      return storage + workers === 0 ? [] : [{ site, role, whole: false, storage, workers }];
    });
  return [...of(topology.dataSites, "data"), ...of(topology.witnessSites, "witness")];
}
