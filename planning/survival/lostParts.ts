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

/** Whether workloads ran in what is lost, wherever the copies were: they run on the nodes of sites that hold data. */
export function takesWorkloads(fall: Fall): boolean {
  return fall.some(
    ({ role, whole, storage, workers }) => role === "data" && (whole || storage + workers > 0),
  );
}

function nodesOf(topology: TopologyPlan, name: string, storage: number): Fall {
  return fallIn(placesOf(topology), (site) => site.name === name && { storage });
}

function wholeSites(place: Place): Fall {
  return fallIn(place, ({ storageNodes }) => ({ whole: true, storage: storageNodes.length }));
}

/** The VMs by site. What the topology lists as a storage node is one, whatever the VM's role: a witness's is a worker. */
function vmsOf(topology: TopologyPlan, vms: readonly VmLost[]): Fall {
  return fallIn(placesOf(topology), (site) => {
    const lost = vms.filter((vm) => vm.site === site.name);
    const storage = lost.filter(({ name }) => site.storageNodes.includes(name)).length;
    const control = lost.filter(
      (vm) => vm.role === "controlPlane" && !site.storageNodes.includes(vm.name),
    ).length;
    const workers = lost.length - storage - control;
    return storage + workers > 0 && { storage, workers };
  });
}

function placesOf({ dataSites, witnessSites: witnesses }: TopologyPlan): Place {
  return { dataSites, witnesses };
}

/** What falls of each site of a place, data sites first; a site that is not touched is left out. */
export function fallIn(
  { dataSites, witnesses }: Place,
  take: (site: SiteNodes) => Partial<FallenSite> | false,
): Fall {
  const of = (sites: readonly SiteNodes[], role: FallenSite["role"]): Fall =>
    sites.flatMap((site) => {
      const part = take(site);
      return part === false ? [] : [{ site, role, whole: false, storage: 0, workers: 0, ...part }];
    });
  return [...of(dataSites, "data"), ...of(witnesses, "witness")];
}
