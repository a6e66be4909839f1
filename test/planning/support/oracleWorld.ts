import type { Loss, VmLost } from "../../../planning/plan";
import type { FailureDomainSite, Site } from "../../../planning/site";

export interface Node {
  readonly name: string;
  readonly site: string;
  readonly building: string;
  /** Whether it may hold a copy. */
  readonly data: boolean;
  /** Whether the topology lists it, so that it may hold a tie-breaker at least. */
  readonly storage: boolean;
  /** Whether pods run on it. */
  readonly pods: boolean;
}

export interface World {
  readonly alive: (node: Node) => boolean;
  readonly connected: (one: string, two: string) => boolean;
}

/** A loss as it comes to pass, with every node by its name. */
export interface Event {
  readonly kind: Loss["kind"];
  /** Names of the sites that are gone, with all that is in them. */
  readonly sites: readonly string[];
  /** Nodes that are gone one by one. */
  readonly vms: readonly VmLost[];
  readonly taken: readonly [string, string] | undefined;
}

/** All that a loss may be: any two nodes are every two of them. */
export function eventsOf(site: Site, loss: Loss): readonly Event[] {
  const places = site.topology.sites;
  const event = (changes: Partial<Event>): readonly Event[] => [
    { kind: loss.kind, sites: [], vms: [], taken: undefined, ...changes },
  ];
  const nodesIn = (name: string): readonly VmLost[] => {
    const { storageNodes = [], converged = false } = places.find((one) => one.name === name) ?? {};
    const role = converged ? "converged" : "storage";
    return storageNodes.map((node) => ({ name: node, site: name, role }));
  };
  switch (loss.kind) {
    case "node":
      return event({ vms: nodesIn(loss.site).filter(({ name }) => name === loss.node) });
    case "nodes": {
      const [one, two] = loss.sites;
      return nodesIn(one).flatMap((first) =>
        nodesIn(two)
          .filter((second) => second.name !== first.name)
          .flatMap((second) => event({ vms: [first, second] })),
      );
    }
    case "nodeAndWitness":
      return nodesIn(loss.site).flatMap((node) =>
        event({ vms: [node], sites: falling(places, [loss.witness]) }),
      );
    case "site":
    case "witness":
      return event({ sites: falling(places, [loss.site]) });
    case "sites":
      return event({ sites: falling(places, loss.sites) });
    case "host":
    case "datastore":
      return event({ vms: loss.vms });
    case "link":
      return event({ taken: loss.between });
  }
}

/** The named sites, and whatever stands in the buildings that are theirs. */
function falling(
  places: readonly FailureDomainSite[],
  names: readonly string[],
): readonly string[] {
  return places
    .filter(
      ({ name, locatedIn }) =>
        names.includes(name) || (locatedIn !== undefined && names.includes(locatedIn)),
    )
    .map(({ name }) => name);
}

export function worldAfter({ sites, vms, taken }: Event): World {
  const gone = new Set(vms.map(({ name }) => name));
  return {
    alive: (node) => !sites.includes(node.site) && !gone.has(node.name),
    connected: (one, two) =>
      taken === undefined || one === two || !(taken.includes(one) && taken.includes(two)),
  };
}

/**
 * What the copies stand on: the nodes, but for vSAN, where they stand on hosts. A host that is lost takes none or any one
 * copy of a site that its VMs are in, and maybe the witness; and a datastore may hold all of them.
 */
export function groundsOf(
  site: Site,
  event: Event,
  world: World,
  replicas: readonly Node[],
): readonly World[] {
  if (site.backend !== "vsphere-csi") {
    return [world];
  }
  if (event.kind === "datastore") {
    return [{ ...world, alive: () => false }];
  }
  if (event.kind !== "host") {
    return [world];
  }
  const names = new Set(event.vms.map((vm) => vm.site));
  const witnesses = site.topology.sites.filter(
    ({ name, role }) => role === "witness" && names.has(name),
  );
  const taken = [undefined, ...replicas.filter((copy) => names.has(copy.site))];
  return [[], witnesses.map(({ name }) => name)].flatMap((lost) =>
    taken.map((copy) => ({
      ...world,
      alive: (node: Node): boolean => node.name !== copy?.name && !lost.includes(node.site),
    })),
  );
}
