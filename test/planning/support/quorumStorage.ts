import type { Loss } from "../../../planning/plan";
import type { FailureDomainSite, Site } from "../../../planning/site";
import { electedStorages } from "./electedStorage";
import type { Node, World } from "./oracle";

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
  copies: readonly Node[],
  world: World,
  loss: Loss,
): readonly Serves[] {
  if (site.backend === "mayastor" || site.backend === "portworx") {
    return electedStorages(site, copies, world, loss);
  }
  return site.backend === "rook-ceph"
    ? monitorCasts(site, world, loss).flatMap((voters) => ceph(site, copies, voters, world, loss))
    : vsan(site, copies, world, loss);
}

/** Places of the monitors, and, where a node is lost, both cases: one ran on it, or none. */
function monitorCasts(site: Site, world: World, loss: Loss): readonly (readonly Voter[])[] {
  const places = site.topology.sites;
  const whole = monitorSites(site).map((name): Voter => {
    const place = places.find((candidate) => candidate.name === name);
    const building = place?.locatedIn ?? name;
    return { site: name, building, alive: world.alive(ghost(name, building)) };
  });
  if (loss.kind !== "node") {
    return [whole];
  }
  const hit = whole.findIndex((voter) => voter.site === loss.site);
  return hit < 0
    ? [whole]
    : [whole, whole.map((voter, index) => ({ ...voter, alive: index !== hit }))];
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
  copies: readonly Node[],
  voters: readonly Voter[],
  world: World,
  loss: Loss,
): readonly Serves[] {
  const enough = (seen: readonly Voter[]): boolean => seen.length > voters.length / 2;
  const living = copies.filter(world.alive);
  const alive = voters.filter((voter) => voter.alive);
  const least = copies.length < 3 ? 1 : 2;
  if (loss.kind !== "link") {
    return [() => enough(alive) && living.length >= least];
  }
  const stretch = ofRole(site, "data").length === 2 && ofRole(site, "witness").length > 0;
  const sides = sidesOf(site, loss.between);
  const seenBy = (side: ReadonlySet<string>): readonly Voter[] =>
    alive.filter((voter) => side.has(voter.building));
  const both = loss.between.every((end) => living.some((copy) => copy.building === end));
  if (stretch) {
    const most = Math.max(...sides.map((side) => seenBy(side).length));
    return sides
      .filter((side) => enough(seenBy(side)) && seenBy(side).length === most)
      .map((side) => (building) => {
        return side.has(building) && living.some((copy) => side.has(copy.building));
      });
  }
  const buildings = site.topology.sites.filter((place) => place.locatedIn === undefined);
  const argue = loss.between.every((end) => alive.some((voter) => voter.building === end));
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

function vsan(site: Site, copies: readonly Node[], world: World, loss: Loss): readonly Serves[] {
  const living = copies.filter(world.alive);
  if (site.backendOptions["siteDisasterTolerance"] !== "mirror") {
    return [
      (building) =>
        living.length > 0 && living.every((copy) => world.connected(building, copy.building)),
    ];
  }
  const voters = site.topology.sites.map((place): Voter => {
    const building = place.locatedIn ?? place.name;
    const held = copies.filter((copy) => copy.site === place.name);
    return {
      site: place.name,
      building,
      alive:
        world.alive(ghost(place.name, building)) &&
        (place.role === "witness" || held.some(world.alive)),
    };
  });
  const sides = loss.kind === "link" ? sidesOf(site, loss.between) : [everywhere(site)];
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
  return { name: "", site, building, data: false };
}
