import type { Loss } from "../../../planning/plan";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { type Event, eventsOf, groundsOf, type Node, type World, worldAfter } from "./oracleWorld";
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
  /** Whether a copy is left, and a control plane to restore with. */
  readonly restorable: boolean;
  /** Whether no copy is left. */
  readonly replicasGone: boolean;
}

/** Roles of VMs that run etcd. */
const VOTERS: readonly string[] = ["controlPlane", "converged"];

/** Where control-plane nodes stand, by building, and whether it was stated. */
type ControlPlane = ReadonlyMap<string, number> | "everywhere";

export function opinion(site: Site, loss: Loss): Opinion {
  const nodes = nodesOf(site);
  const cases: Opinion[] = [];
  for (const event of eventsOf(site, loss)) {
    const world = worldAfter(event);
    for (const replicas of placements(site, nodes)) {
      for (const voter of tieBreakers(site, nodes, replicas)) {
        const votes = voter === undefined ? replicas : [...replicas, voter];
        for (const ground of groundsOf(site, event, world, replicas)) {
          for (const serves of storages(site, replicas, votes, ground, event)) {
            for (const controlPlane of controlPlanes(site, loss)) {
              const view = survivors(site, controlPlane, event);
              cases.push(
                play(
                  site,
                  nodes,
                  { kind: loss.kind, replicas, votes, serves, ground },
                  world,
                  view,
                ),
              );
            }
          }
        }
      }
    }
  }
  return {
    readable: cases.every((one) => one.readable),
    unattended: cases.every((one) => one.unattended),
    splitBrain: cases.some((one) => one.splitBrain),
    acknowledgedWritesLost: cases.some((one) => one.acknowledgedWritesLost),
    restorable: cases.every((one) => one.restorable),
    replicasGone: cases.some((one) => one.replicasGone),
  };
}

/** Storage nodes as the topology lists them, and the VMs that only run pods. */
function nodesOf({ topology, virtualMachines }: Site): readonly Node[] {
  const storage = topology.sites.flatMap((place) =>
    place.storageNodes.map((name) => nodeIn(place, name, true)),
  );
  const workers = (virtualMachines?.nodes ?? []).flatMap(({ name, role, site }) => {
    const place = topology.sites.find((candidate) => candidate.name === site);
    return role === "worker" && place?.role === "data" ? [nodeIn(place, name, false)] : [];
  });
  return [...storage, ...workers];
}

function nodeIn(place: FailureDomainSite, name: string, storage: boolean): Node {
  const pods = place.role === "data";
  return {
    name,
    site: place.name,
    building: buildingOf(place),
    data: pods && storage,
    storage,
    pods,
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
  replicas: readonly Node[],
): readonly (Node | undefined)[] {
  if (site.backend !== "linstor" || replicas.length % 2 !== 0) {
    return [undefined];
  }
  const overSites = site.topology.sites.filter((place) => place.role === "data").length > 1;
  const free = nodes.filter(
    (node) =>
      node.storage &&
      !replicas.includes(node) &&
      !(overSites && replicas.some((copy) => copy.site === node.site)),
  );
  return free.length === 0 ? [undefined] : free;
}

/** As stated; unstated, with three buildings or more it never fails, else it may all stand in any one of them. */
function controlPlanes(site: Site, loss: Loss): readonly ControlPlane[] {
  const places = site.topology.sites;
  const buildings = places.filter((place) => place.locatedIn === undefined);
  if (places.some((place) => place.controlPlaneNodes > 0)) {
    const stated = new Map<string, number>();
    for (const place of places) {
      stated.set(place.name, place.controlPlaneNodes);
    }
    return [stated];
  }
  const vms = (site.virtualMachines?.nodes ?? []).filter(({ role }) => VOTERS.includes(role));
  if (vms.length > 0 && (loss.kind === "host" || loss.kind === "datastore")) {
    return [
      new Map(places.map(({ name }) => [name, vms.filter((one) => one.site === name).length])),
    ];
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

function survivors(site: Site, controlPlane: ControlPlane, event: Event): ControlPlaneView {
  if (controlPlane === "everywhere") {
    return { majority: true, reaches: () => true };
  }
  const world = worldAfter(event);
  const total = [...controlPlane.values()].reduce((sum, count) => sum + count, 0);
  const places = site.topology.sites.filter((place) =>
    world.alive({ ...nodeIn(place, "", false), pods: false }),
  );
  const buildings = [...new Set(places.map(buildingOf))];
  /** Largest sets of buildings that all see each other: a leader and its followers are one of them. */
  const groups =
    event.taken !== undefined
      ? event.taken.map((gone) => buildings.filter((building) => building !== gone))
      : [buildings];
  const fallen = (name: string): number =>
    event.vms.filter(({ role, site: of }) => VOTERS.includes(role) && of === name).length;
  const holds = (group: readonly string[]): number =>
    places
      .filter((place) => group.includes(buildingOf(place)))
      .reduce((sum, { name }) => sum + (controlPlane.get(name) ?? 0) - fallen(name), 0);
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

/** Every way in which the storage may come out of the loss: from which buildings a volume can be used then. */
function storages(
  site: Site,
  replicas: readonly Node[],
  votes: readonly Node[],
  world: World,
  event: Event,
): readonly Serves[] {
  if (QUORUM_STORAGES.includes(site.backend)) {
    return quorumStorages(site, replicas, world, event);
  }
  const seenFrom = (building: string, from: readonly Node[]): number =>
    from.filter((node) => world.alive(node) && world.connected(building, node.building)).length;
  const quorum = quorumOn(site, replicas, votes);
  const served = site.backend !== "generic" || isStated(site, event);
  return [
    (building) =>
      served &&
      seenFrom(building, replicas) > 0 &&
      (!quorum || seenFrom(building, votes) > votes.length / 2),
  ];
}

/** What the operator of an unknown storage said of the loss, by its own name or by the one node that a host carries. */
function isStated(site: Site, { kind, vms }: Event): boolean {
  const survives = site.backendOptions["survives"];
  const said = typeof survives === "object" ? survives : [];
  const nodes = vms.filter(({ role }) => role !== "controlPlane").length;
  return (
    said.includes(kind) ||
    (kind === "host" && (nodes === 0 || (nodes === 1 && said.includes("node"))))
  );
}

function quorumOn(site: Site, replicas: readonly Node[], votes: readonly Node[]): boolean {
  return (
    site.backend === "linstor" &&
    replicas.length > 1 &&
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
  // As stated.
  "generic",
];

const QUORUM_STORAGES: readonly string[] = ["rook-ceph", "vsphere-csi", "mayastor", "portworx"];

interface Volume {
  readonly kind: Loss["kind"];
  readonly replicas: readonly Node[];
  readonly votes: readonly Node[];
  readonly serves: Serves;
  /** What the copies stand on. */
  readonly ground: World;
}

function play(
  site: Site,
  nodes: readonly Node[],
  { kind, replicas, votes, serves, ground }: Volume,
  world: World,
  controlPlane: ControlPlaneView,
): Opinion {
  const automatic = site.failover === "automatic" && site.backend !== "lab";
  const living = replicas.filter(ground.alive);
  const voting = site.backend === "linstor" && replicas.length > 1;
  const quorum = quorumOn(site, replicas, votes);
  const works = (node: Node): boolean => world.alive(node) && serves(node.building);

  // vSphere HA, or a person, starts the VMs of a lost host on another one: the volumes are not on the host.
  const restarts = site.backend === "vsphere-csi" && kind === "host";
  const pods = nodes.filter((node) => node.pods);
  const starts = (node: Node): boolean =>
    (restarts ? serves(node.building) : works(node)) &&
    controlPlane.majority &&
    controlPlane.reaches(node.building);
  const stuck = pods.filter((pod) => !works(pod));
  const served = pods.every((pod) => works(pod) || pods.some(starts));
  const unseen = replicas.some(
    (one) =>
      replicas.some((two) => !world.connected(one.building, two.building)) || !ground.alive(one),
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
    restorable: living.length > 0 && controlPlane.majority,
    replicasGone: living.length === 0,
    unattended:
      served &&
      !acknowledgedWritesLost &&
      controlPlane.majority &&
      (stuck.length === 0 || automatic),
  };
}
