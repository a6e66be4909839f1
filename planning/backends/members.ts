import type { Options, TopologyPlan } from "../plan";
import type { Problem } from "../problem";
import { listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { listOption } from "./options";

/** Members of a store that decides by majority, by site; empty where nothing states them. */
export function membersBySite(
  options: Options,
  key: string,
  topology: TopologyPlan,
): ReadonlyMap<string, number> {
  const stated = listOption(options, key);
  const [only, ...others] = topology.dataSites;
  const places =
    stated.length === 0 && only !== undefined && others.length === 0
      ? [only.name, only.name, only.name]
      : stated;
  const found = new Map<string, number>();
  for (const name of places) {
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  return found;
}

/** Names of all sites that a member can stand in: those with data, then the witnesses. */
export function siteNames({ dataSites, witnessSites }: TopologyPlan): readonly string[] {
  return [...dataSites, ...witnessSites].map((place) => place.name);
}

/** Refuses entries of a list option that name no site. */
export function unknownSiteProblems(
  { site, topology }: StorageRequest,
  key: string,
): readonly Problem[] {
  const names = siteNames(topology);
  return listOption(site.backendOptions, key).flatMap((name, index) =>
    names.includes(name)
      ? []
      : [
          {
            path: `backendOptions.${key}[${index}]`,
            value: shown(name),
            message: "there is no site of this name",
            allowed: `Allowed: ${listed(names, "or")}`,
            candidates: names,
          },
        ],
  );
}

/**
 * Refuses members that no majority can be told of.
 *
 * @param key Option that states the site of each member.
 * @param whose Whose members they are, e.g. `Mayastor's etcd`.
 */
export function memberProblems(
  request: StorageRequest,
  key: string,
  whose: string,
): readonly Problem[] {
  const { site, topology } = request;
  const stated = listOption(site.backendOptions, key);
  const names = siteNames(topology);
  const path = `backendOptions.${key}`;
  const unknown = unknownSiteProblems(request, key);
  if (unknown.length > 0) {
    return unknown;
  }
  if (stated.length === 0) {
    return topology.spread === "nodes"
      ? []
      : [
          {
            path,
            value: undefined,
            message: `nothing states in which sites the members of ${whose} run, and without their majority no copy is of use`,
            allowed: `Allowed: the site of each member, such as ${shown(names.slice(0, 3))}`,
          },
        ];
  }
  return stated.length < 3 || stated.length % 2 === 0
    ? [
        {
          path,
          value: shown(stated),
          message: `${whose} decides by majority: an even number survives no more than one less, and one or two survive nothing`,
          allowed: "Allowed: an odd number of three or more",
        },
      ]
    : [];
}
