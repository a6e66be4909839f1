import type { Site } from "../../../planning/site";
import type { Event, Node, World } from "./oracleWorld";
import { casts, type Serves } from "./quorumStorage";

/** Whoever has to be heard, one by one: a member of etcd or of the KVDB, or a storage node that is one itself. */
interface Voice {
  readonly site: string;
  readonly building: string;
  readonly alive: boolean;
}

/** The ways in which Mayastor or Portworx may come out of a loss, with every voice counted from every building. */
export function electedStorages(
  site: Site,
  replicas: readonly Node[],
  world: World,
  event: Event,
): readonly Serves[] {
  const least = site.backend === "portworx" && replicas.length === 3 ? 2 : 1;
  const places = site.topology.sites.filter((place) => place.locatedIn === undefined);
  const torn =
    event.taken !== undefined &&
    event.taken.every((end) => replicas.some((copy) => copy.building === end));
  if (site.backend === "portworx" && torn && places.length > 2) {
    return [() => false];
  }
  return memberCasts(site, world, event).map((members) => (building: string) => {
    const heard = (voices: readonly Voice[]): boolean =>
      2 *
        voices.filter((voice) => voice.alive && world.connected(building, voice.building)).length >
      voices.length;
    const near = replicas.filter(
      (copy) => world.alive(copy) && world.connected(building, copy.building),
    );
    return (
      near.length >= least &&
      heard(members) &&
      (site.backend !== "portworx" || heard(storageNodes(site, world)))
    );
  });
}

/** Where nodes are lost, every case: so many of them ran a member. A KVDB runs on storage nodes only. */
function memberCasts(site: Site, world: World, event: Event): readonly (readonly Voice[])[] {
  const places = site.topology.sites;
  const stated = site.backendOptions[site.backend === "mayastor" ? "etcdMembers" : "kvdbMembers"];
  const [first] = places.filter((place) => place.role === "data");
  const only = first?.name ?? "";
  const names = typeof stated === "object" ? stated : [only, only, only];
  const voices = names.map((name): Voice => {
    const building = places.find((place) => place.name === name)?.locatedIn ?? name;
    const alive = world.alive({ ...GHOST, site: name, building });
    return { site: name, building, alive };
  });
  return casts(
    voices,
    event.vms.filter(({ name, role }) =>
      site.backend === "mayastor"
        ? role !== "controlPlane"
        : places.some((place) => place.storageNodes.includes(name)),
    ),
  );
}

/** Something that stands in a site without being one of its nodes. */
const GHOST: Node = { name: "", site: "", building: "", data: false, storage: false, pods: false };

function storageNodes(site: Site, world: World): readonly Voice[] {
  return site.topology.sites
    .filter((place) => place.role === "data")
    .flatMap((place) =>
      place.storageNodes.map((name) => ({
        site: place.name,
        building: place.name,
        alive: world.alive({ ...GHOST, name, site: place.name, building: place.name }),
      })),
    );
}
