import type { FailureDomainSite, Site } from "../../../planning/site";
import type { Event, Node, World } from "./oracleWorld";

/** Whether a volume can be used from a node in this building. */
export type Serves = (building: string) => boolean;

/** One that has to be heard: a monitor, a site of a mirror, a member of etcd or of the KVDB, a storage node that votes. */
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
    return elected(site, replicas, world, event);
  }
  return site.backend === "rook-ceph"
    ? casts(site, monitorSites(site), world, event).flatMap((voters) =>
        ceph(site, replicas, voters, world, event),
      )
    : vsan(site, replicas, world, event);
}

/**
 * Voters in the sites of these names, and, where nodes are lost, every case: so many of a site's voters, no two on one
 * node, ran on nodes of it that are gone. A KVDB runs on storage nodes only.
 */
function casts(
  site: Site,
  names: readonly string[],
  world: World,
  event: Event,
): readonly (readonly Voter[])[] {
  const places = site.topology.sites;
  const voters = names.map((name): Voter => {
    const building = places.find((candidate) => candidate.name === name)?.locatedIn ?? name;
    return { site: name, building, alive: world.alive(ghost(name, building)) };
  });
  const gone = event.vms.filter(({ name, role }) =>
    site.backend === "portworx"
      ? places.some((place) => place.storageNodes.includes(name))
      : role !== "controlPlane",
  );
  return [...new Set(gone.map((node) => node.site))].reduce<readonly (readonly Voter[])[]>(
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

function kill(voters: readonly Voter[], site: string, dead: number): readonly Voter[] {
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

/** The ways in which Mayastor or Portworx may come out of a loss, with every voice counted from every building. */
function elected(
  site: Site,
  replicas: readonly Node[],
  world: World,
  event: Event,
): readonly Serves[] {
  const portworx = site.backend === "portworx";
  const least = portworx && replicas.length === 3 ? 2 : 1;
  const places = site.topology.sites.filter((place) => place.locatedIn === undefined);
  const torn = event.taken?.every((end) => replicas.some((copy) => copy.building === end));
  if (portworx && torn === true && places.length > 2) {
    return [() => false];
  }
  const stated = site.backendOptions[portworx ? "kvdbMembers" : "etcdMembers"];
  const only = ofRole(site, "data")[0]?.name ?? "";
  const names = typeof stated === "object" ? stated : [only, only, only];
  const storage = ofRole(site, "data").flatMap((place) =>
    place.storageNodes.map((name): Voter => {
      const node = { ...ghost(place.name, place.name), name };
      return { site: place.name, building: place.name, alive: world.alive(node) };
    }),
  );
  return casts(site, names, world, event).map((members) => (building: string) => {
    const near = (one: { readonly building: string }): boolean =>
      world.connected(building, one.building);
    const heard = (voters: readonly Voter[]): boolean =>
      2 * voters.filter((voter) => voter.alive && near(voter)).length > voters.length;
    const copies = replicas.filter((copy) => world.alive(copy) && near(copy));
    return copies.length >= least && heard(members) && (!portworx || heard(storage));
  });
}

/** Something that stands in a site without being one of its storage nodes. */
function ghost(site: string, building: string): Node {
  return { name: "", site, building, data: false, storage: false, pods: false };
}
