import type { Loss } from "../../../planning/plan";
import type { Site } from "../../../planning/site";
import type { Node, World } from "./oracle";
import type { Serves } from "./quorumStorage";

/** Whoever has to be heard, one by one: a member of etcd or of the KVDB, or a storage node that is one itself. */
interface Voice {
  readonly building: string;
  readonly alive: boolean;
}

/** The ways in which Mayastor or Portworx may come out of a loss, with every voice counted from every building. */
export function electedStorages(
  site: Site,
  copies: readonly Node[],
  world: World,
  loss: Loss,
): readonly Serves[] {
  const least = site.backend === "portworx" && copies.length === 3 ? 2 : 1;
  const places = site.topology.sites.filter((place) => place.locatedIn === undefined);
  const torn =
    loss.kind === "link" &&
    loss.between.every((end) => copies.some((copy) => copy.building === end));
  if (site.backend === "portworx" && torn && places.length > 2) {
    return [() => false];
  }
  return memberCasts(site, world, loss).map((members) => (building: string) => {
    const heard = (voices: readonly Voice[]): boolean =>
      2 *
        voices.filter((voice) => voice.alive && world.connected(building, voice.building)).length >
      voices.length;
    const near = copies.filter(
      (copy) => world.alive(copy) && world.connected(building, copy.building),
    );
    return (
      near.length >= least &&
      heard(members) &&
      (site.backend !== "portworx" || heard(storageNodes(site, world)))
    );
  });
}

/** Where a node is lost, both cases: a member of its site ran on it, or none did. */
function memberCasts(site: Site, world: World, loss: Loss): readonly (readonly Voice[])[] {
  const places = site.topology.sites;
  const stated = site.backendOptions[site.backend === "mayastor" ? "etcdMembers" : "kvdbMembers"];
  const [first] = places.filter((place) => place.role === "data");
  const only = first?.name ?? "";
  const names = typeof stated === "object" ? stated : [only, only, only];
  const voices = names.map((name): Voice => {
    const building = places.find((place) => place.name === name)?.locatedIn ?? name;
    return { building, alive: world.alive({ name: "", site: name, building, data: false }) };
  });
  const hit = loss.kind === "node" ? names.indexOf(loss.site) : -1;
  return hit < 0
    ? [voices]
    : [voices, voices.map((voice, index) => (index === hit ? { ...voice, alive: false } : voice))];
}

function storageNodes(site: Site, world: World): readonly Voice[] {
  return site.topology.sites
    .filter((place) => place.role === "data")
    .flatMap((place) =>
      place.storageNodes.map((name) => ({
        building: place.name,
        alive: world.alive({ name, site: place.name, building: place.name, data: true }),
      })),
    );
}
