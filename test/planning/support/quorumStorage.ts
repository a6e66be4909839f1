import type { FailureDomainSite, Site } from "../../../planning/site";
import { electedStorages } from "./electedStorage";
import type { Event, Node, World } from "./oracleWorld";

/** Whether a volume can be used from a node in this building. */
export type Serves = (building: string) => boolean;

/** One vote that decides about the storage as a whole: a monitor, or a site of a mirror. */
interface Voter {
  readonly site: string;
  readonly building: string;
  readonly alive: boolean;
}

/** The ways in which a storage of monitors, of a witness or of a store may decide, its voters counted one by one. */
export function quorumStorages(
  site: Site,
  replicas: readonly Node[],
  world: World,
  event: Event,
): readonly Serves[] {
  if (site.backend === "mayastor" || site.backend === "portworx") {
    return electedStorages(site, replicas, world, event);
  }
  return site.backend === "rook-ceph"
    ? monitorCasts(site, world, event).flatMap((voters) =>
        ceph(site, replicas, voters, world, event),
      )
    : vsan(site, replicas, world, event);
}

/** Places of the monitors, and, where nodes are lost, every case: so many of them ran one. */
function monitorCasts(site: Site, world: World, event: Event): readonly (readonly Voter[])[] {
  const places = site.topology.sites;
  const whole = monitorSites(site).map((name): Voter => {
    const place = places.find((candidate) => candidate.name === name);
    const building = place?.locatedIn ?? name;
    return { site: name, building, alive: world.alive(ghost(name, building)) };
  });
  return casts(
    whole,
    event.vms.filter(({ role }) => role !== "controlPlane"),
  );
}

/** Every number of voters of a site that may have run on nodes of it that are gone, no two on one node. */
export function casts<V extends { readonly site: string; readonly alive: boolean }>(
  voters: readonly V[],
  gone: readonly { readonly site: string }[],
): readonly (readonly V[])[] {
  const sites = [...new Set(gone.map(({ site }) => site))];
  return sites.reduce<readonly (readonly V[])[]>(
    (found, site) => {
      const nodes = gone.filter((node) => node.site === site).length;
      const here = voters.filter((voter) => voter.site === site).length;
      return found.flatMap((cast) =>
        Array.from({ length: Math.min(nodes, here) + 1 }, (_, dead) => kill(cast, site, dead)),
      );
    },
    [voters],
  );
}

function kill<V extends { readonly site: string; readonly alive: boolean }>(
  voters: readonly V[],
  site: string,
  dead: number,
): readonly V[] {
  let left = dead;
  return voters.map((voter) => {
    if (voter.site !== site || left === 0) {
      return voter;
    }
    left -= 1;
    return { ...voter, alive: false };
  });
}

function monitorSites(site: Site): readonly string[] {
  const stated = site.backendOptions["monitors"];
  if (typeof stated === "object") {
    return stated;
  }
  const [one, two] = ofRole(site, "data");
  const [arbiter] = ofRole(site, "witness");
  if (one === undefined) {
    return [];
  }
  return two === undefined || arbiter === undefined
    ? [one.name, one.name, one.name]
    : [one.name, one.name, two.name, two.name, arbiter.name];
}

function ceph(
  site: Site,
  replicas: readonly Node[],
  voters: readonly Voter[],
  world: World,
  event: Event,
): readonly Serves[] {
  const enough = (seen: readonly Voter[]): boolean => seen.length > voters.length / 2;
  const living = replicas.filter(world.alive);
  const alive = voters.filter((voter) => voter.alive);
  const least = replicas.length < 3 ? 1 : 2;
  if (event.taken === undefined) {
    return [() => enough(alive) && living.length >= least];
  }
  const stretch = ofRole(site, "data").length === 2 && ofRole(site, "witness").length > 0;
  const sides = sidesOf(site, event.taken);
  const seenBy = (side: ReadonlySet<string>): readonly Voter[] =>
    alive.filter((voter) => side.has(voter.building));
  const both = event.taken.every((end) => living.some((copy) => copy.building === end));
  if (stretch) {
    const most = Math.max(...sides.map((side) => seenBy(side).length));
    return sides
      .filter((side) => enough(seenBy(side)) && seenBy(side).length === most)
      .map((side) => (building) => {
        return side.has(building) && living.some((copy) => side.has(copy.building));
      });
  }
  const buildings = site.topology.sites.filter((place) => place.locatedIn === undefined);
  const argue = event.taken.every((end) => alive.some((voter) => voter.building === end));
  if (buildings.length > 2 && (both || argue)) {
    return [() => false];
  }
  return [
    (building) => {
      const seen = alive.filter((voter) => world.connected(building, voter.building));
      const near = living.filter((copy) => world.connected(building, copy.building));
      return enough(seen) && near.length >= least && (both || near.length === living.length);
    },
  ];
}

function vsan(
  site: Site,
  replicas: readonly Node[],
  world: World,
  event: Event,
): readonly Serves[] {
  const living = replicas.filter(world.alive);
  if (site.backendOptions["siteDisasterTolerance"] !== "mirror") {
    return [
      (building) =>
        living.length > 0 && living.every((copy) => world.connected(building, copy.building)),
    ];
  }
  const voters = site.topology.sites.map((place): Voter => {
    const building = place.locatedIn ?? place.name;
    const held = replicas.filter((copy) => copy.site === place.name);
    return {
      site: place.name,
      building,
      alive:
        world.alive(ghost(place.name, building)) &&
        (place.role === "witness" || held.some(world.alive)),
    };
  });
  const sides = event.taken === undefined ? [everywhere(site)] : sidesOf(site, event.taken);
  const seenBy = (side: ReadonlySet<string>): number =>
    voters.filter((voter) => voter.alive && side.has(voter.building)).length;
  const heldBy = (side: ReadonlySet<string>): number =>
    living.filter((copy) => side.has(copy.building)).length;
  const able = sides.filter((side) => seenBy(side) >= 2 && heldBy(side) > 0);
  if (able.length === 0) {
    return [() => false];
  }
  const most = Math.max(...able.map(heldBy));
  const best = able.filter((side) => heldBy(side) === most);
  const preferred = best.filter((side) => side.has(String(site.backendOptions["preferredSite"])));
  return (preferred.length > 0 ? preferred : best).map((side) => (building) => side.has(building));
}

/** Each end of a cut link with everything but the other end. */
function sidesOf(site: Site, between: readonly string[]): readonly ReadonlySet<string>[] {
  return between.map(
    (gone) => new Set([...everywhere(site)].filter((building) => building !== gone)),
  );
}

function everywhere(site: Site): ReadonlySet<string> {
  return new Set(site.topology.sites.map((place) => place.locatedIn ?? place.name));
}

function ofRole(site: Site, role: FailureDomainSite["role"]): readonly FailureDomainSite[] {
  return site.topology.sites.filter((place) => place.role === role);
}

/** Something that stands in a site without being one of its storage nodes. */
function ghost(site: string, building: string): Node {
  return { name: "", site, building, data: false, storage: false, pods: false };
}
