import type { Loss } from "../../../planning/plan";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { quorumStorages, type Serves } from "./quorumStorage";

/**
 * A second opinion on every verdict, by brute force and with no code of the planner: places the copies of one volume
 * on nodes in every way the rule allows, puts the tie-breaker on every node it may stand on, runs a pod on every data
 * node, and looks who still reaches whom.
 */
export interface Opinion {
  readonly readable: boolean;
  readonly unattended: boolean;
  readonly splitBrain: boolean;
  readonly acknowledgedWritesLost: boolean;
}

export interface Node {
  readonly name: string;
  readonly site: string;
  readonly building: string;
  readonly data: boolean;
}

export interface World {
  readonly alive: (node: Node) => boolean;
  readonly connected: (one: string, two: string) => boolean;
}

/** Where control-plane nodes stand, by building, and whether it was stated. */
type ControlPlane = ReadonlyMap<string, number> | "everywhere";

export function opinion(site: Site, loss: Loss): Opinion {
  const sites = site.topology.sites;
  const nodes = sites.flatMap((place) =>
    place.storageNodes.map((name) => ({
      name,
      site: place.name,
      building: place.locatedIn ?? place.name,
      data: place.role === "data",
    })),
  );
  const world = worldAfter(sites, loss);
  const cases: Opinion[] = [];
  for (const copies of placements(site, nodes)) {
    for (const voter of tieBreakers(site, nodes, copies)) {
      const votes = voter === undefined ? copies : [...copies, voter];
      for (const serves of storages(site, copies, votes, world, loss)) {
        for (const controlPlane of controlPlanes(site)) {
          const view = survivors(site, controlPlane, loss);
          cases.push(play(site, nodes, { copies, votes, serves }, world, view));
        }
      }
    }
  }
  return {
    readable: cases.every((one) => one.readable),
    unattended: cases.every((one) => one.unattended),
    splitBrain: cases.some((one) => one.splitBrain),
    acknowledgedWritesLost: cases.some((one) => one.acknowledgedWritesLost),
  };
}

/** Every set of `factor` data nodes that the spread rule admits. */
export function placements(site: Site, nodes: readonly Node[]): readonly (readonly Node[])[] {
  const factor = site.replicationFactor;
  const dataSites = site.topology.sites.filter((place) => place.role === "data").length;
  const most = dataSites > 1 ? Math.ceil(factor / dataSites) : factor;
  const candidates = nodes.filter((node) => node.data);
  const found: Node[][] = [];
  const choose = (from: number, chosen: Node[]): void => {
    if (chosen.length === factor) {
      found.push(chosen);
      return;
    }
    for (let index = from; index < candidates.length; index += 1) {
      const next = candidates[index];
      if (next !== undefined && chosen.filter((node) => node.site === next.site).length < most) {
        choose(index + 1, [...chosen, next]);
      }
    }
  };
  choose(0, []);
  return found;
}

function tieBreakers(
  site: Site,
  nodes: readonly Node[],
  copies: readonly Node[],
): readonly (Node | undefined)[] {
  if (site.backend !== "linstor" || copies.length % 2 !== 0) {
    return [undefined];
  }
  const overSites = site.topology.sites.filter((place) => place.role === "data").length > 1;
  const free = nodes.filter(
    (node) =>
      !copies.includes(node) && !(overSites && copies.some((copy) => copy.site === node.site)),
  );
  return free.length === 0 ? [undefined] : free;
}

/** As stated; unstated, with three buildings or more it never fails, else it may all stand in any one of them. */
function controlPlanes(site: Site): readonly ControlPlane[] {
  const places = site.topology.sites;
  const buildings = places.filter((place) => place.locatedIn === undefined);
  if (places.some((place) => place.controlPlaneNodes > 0)) {
    const stated = new Map<string, number>();
    for (const place of places) {
      stated.set(place.name, place.controlPlaneNodes);
    }
    return [stated];
  }
  return buildings.length > 2
    ? ["everywhere"]
    : buildings.map((place) => new Map([[place.name, 1]]));
}

interface ControlPlaneView {
  readonly majority: boolean;
  /** Whether nodes of a building reach a live API server. */
  readonly reaches: (building: string) => boolean;
}

function survivors(site: Site, controlPlane: ControlPlane, loss: Loss): ControlPlaneView {
  if (controlPlane === "everywhere") {
    return { majority: true, reaches: () => true };
  }
  const world = worldAfter(site.topology.sites, loss);
  const total = [...controlPlane.values()].reduce((sum, count) => sum + count, 0);
  const places = site.topology.sites.filter((place) =>
    world.alive({ name: "", site: place.name, building: buildingOf(place), data: false }),
  );
  const buildings = [...new Set(places.map(buildingOf))];
  /** Largest sets of buildings that all see each other: a leader and its followers are one of them. */
  const groups =
    loss.kind === "link"
      ? loss.between.map((gone) => buildings.filter((building) => building !== gone))
      : [buildings];
  const holds = (group: readonly string[]): number =>
    places
      .filter((place) => group.includes(buildingOf(place)))
      .reduce((sum, place) => sum + (controlPlane.get(place.name) ?? 0), 0);
  const live = groups.filter((group) => holds(group) > total / 2);
  const serving = live.flatMap((group) => group.filter((building) => holds([building]) > 0));
  return {
    majority: live.length > 0,
    reaches: (building) => serving.some((other) => world.connected(building, other)),
  };
}

function buildingOf(place: FailureDomainSite): string {
  return place.locatedIn ?? place.name;
}

function worldAfter(sites: readonly FailureDomainSite[], loss: Loss): World {
  const cut = loss.kind === "link" ? loss.between : undefined;
  const falls = (node: Node): boolean => {
    switch (loss.kind) {
      case "node":
        return node.name === loss.node;
      case "site":
        return node.building === loss.site;
      case "sites":
        return loss.sites.includes(node.building);
      case "witness": {
        const own = sites.find((place) => place.name === loss.site)?.locatedIn === undefined;
        return node.site === loss.site || (own && node.building === loss.site);
      }
      case "link":
        return false;
    }
  };
  return {
    alive: (node) => !falls(node),
    connected: (one, two) =>
      cut === undefined || one === two || !(cut.includes(one) && cut.includes(two)),
  };
}

/** Every way in which the storage may come out of the loss: from which buildings a volume can be used then. */
function storages(
  site: Site,
  copies: readonly Node[],
  votes: readonly Node[],
  world: World,
  loss: Loss,
): readonly Serves[] {
  if (SINGLE_WRITER.includes(site.backend) && site.backend !== "linstor") {
    return quorumStorages(site, copies, world, loss);
  }
  const seenFrom = (building: string, from: readonly Node[]): number =>
    from.filter((node) => world.alive(node) && world.connected(building, node.building)).length;
  const quorum = quorumOn(site, copies, votes);
  return [
    (building) =>
      seenFrom(building, copies) > 0 && (!quorum || seenFrom(building, votes) > votes.length / 2),
  ];
}

function quorumOn(site: Site, copies: readonly Node[], votes: readonly Node[]): boolean {
  return (
    site.backend === "linstor" &&
    copies.length > 1 &&
    (votes.length >= 3 || site.backendOptions["quorum"] === "majority")
  );
}

/**
 * Storages that let a volume be written once, whoever starts what: DRBD opens it once among all that see each other,
 * Ceph's driver shuts the old node out, vSAN serves one side of a cut only, and Mayastor and Portworx write down who may.
 */
const SINGLE_WRITER: readonly string[] = [
  "linstor",
  "rook-ceph",
  "vsphere-csi",
  "mayastor",
  "portworx",
];

interface Volume {
  readonly copies: readonly Node[];
  readonly votes: readonly Node[];
  readonly serves: Serves;
}

function play(
  site: Site,
  nodes: readonly Node[],
  { copies, votes, serves }: Volume,
  world: World,
  controlPlane: ControlPlaneView,
): Opinion {
  const automatic = site.failover === "automatic" && site.backend !== "lab";
  const living = copies.filter(world.alive);
  const voting = site.backend === "linstor" && copies.length > 1;
  const quorum = quorumOn(site, copies, votes);
  const works = (node: Node): boolean => world.alive(node) && serves(node.building);

  const pods = nodes.filter((node) => node.data);
  const starts = (node: Node): boolean =>
    works(node) && controlPlane.majority && controlPlane.reaches(node.building);
  const stuck = pods.filter((pod) => !works(pod));
  const served = pods.every((pod) => works(pod) || pods.some(starts));
  const unseen = copies.some(
    (one) =>
      copies.some((two) => !world.connected(one.building, two.building)) || !world.alive(one),
  );
  const apart = living.some((one) =>
    living.some((two) => !world.connected(one.building, two.building)),
  );
  const secondInstance =
    !SINGLE_WRITER.includes(site.backend) &&
    automatic &&
    controlPlane.majority &&
    pods.some((pod) => works(pod) && !controlPlane.reaches(pod.building)) &&
    pods.some(starts);
  const splitBrain =
    living.length > 0 && ((voting && !quorum && (unseen || apart)) || secondInstance);
  const acknowledgedWritesLost = living.length === 0 || splitBrain;
  return {
    readable: served,
    splitBrain,
    acknowledgedWritesLost,
    unattended:
      served &&
      !acknowledgedWritesLost &&
      controlPlane.majority &&
      (stuck.length === 0 || automatic),
  };
}
