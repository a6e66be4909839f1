import type { Loss, SiteNodes, TopologyPlan, VmLost, VmsLost } from "../plan";
import type { NodeVirtualMachine } from "../site";
import { controlPlaneNodes, runsControlPlane } from "../topology";
import { listed, counted } from "../words";

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
function witnessPlace(topology: TopologyPlan, name: string): Place {
  const own = buildings(topology).includes(name);
  return own
    ? building(topology, name)
    : { dataSites: [], witnesses: topology.witnessSites.filter((site) => site.name === name) };
}

/** Every loss of an ESXi host and of a datastore that the node VMs name, in the order in which they first do. */
export function vmLosses(
  topology: TopologyPlan,
  vms: readonly NodeVirtualMachine[],
): readonly Loss[] {
  const stated = controlPlaneNodes(topology);
  const known = vms.filter(runsControlPlane).length;
  const common = (found: readonly VmLost[]): VmsLost => ({
    vms: found,
    controlPlaneNodes: stated === 0 ? known : stated,
    all: found.length === vms.length,
  });
  const hosts = grouped(vms, ({ host }) => (host === undefined ? [] : [host]));
  const datastores = grouped(vms, ({ datastores: names }) => names ?? []);
  return [
    ...[...hosts].map(([host, found]): Loss => ({ kind: "host", host, ...common(found) })),
    ...[...datastores].map(([datastore, found]): Loss => ({
      kind: "datastore",
      datastore,
      ...common(found),
    })),
  ];
}

function grouped(
  vms: readonly NodeVirtualMachine[],
  keysOf: (vm: NodeVirtualMachine) => readonly string[],
): ReadonlyMap<string, readonly VmLost[]> {
  const found = new Map<string, VmLost[]>();
  for (const vm of vms) {
    const { name, site, role } = vm;
    for (const key of new Set(keysOf(vm))) {
      found.set(key, [...(found.get(key) ?? []), { name, site, role }]);
    }
  }
  return found;
}

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
