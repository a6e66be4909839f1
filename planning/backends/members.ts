import type { TopologyPlan, Options } from "../plan";
import type { Rule } from "../problem";
import { countBy, listed, shown } from "../words";
import type { StorageRequest } from "./backend";
import { listOption } from "./options";

/** Members of a store that decides by majority, by site; empty where nothing states them. */
export function membersBySite(
  options: Options,
  key: string,
  { dataSites }: TopologyPlan,
): ReadonlyMap<string, number> {
  const stated = listOption(options, key);
  const [only, ...others] = dataSites;
  return stated.length === 0 && only !== undefined && others.length === 0
    ? new Map([[only.name, 3]])
    : countBy(stated);
}

/**
 * Refuses members that no majority can be told of.
 *
 * @param key Option that states the site of each member.
 * @param who Who they are, e.g. `the members of Mayastor's etcd`.
 * @param further What else is asked of members in sites that exist; by default that they are named where copies spread
 *   over sites, and an odd number of three or more.
 */
export function memberRules(
  request: StorageRequest,
  key: string,
  who: string,
  further = majorityRules,
): readonly Rule[] {
  const { site, topology } = request;
  const names = [...topology.dataSites, ...topology.witnessSites].map(({ name }) => name);
  const stated = listOption(site.backendOptions, key);
  const unknown = stated.map((name, index): Rule => [
    !names.includes(name),
    `backendOptions.${key}[${index}]`,
    "there is no site of this name",
    listed(names, "or"),
    { candidates: names },
  ]);
  return unknown.some(([broken]) => broken)
    ? unknown
    : further({ stated, path: `backendOptions.${key}`, who, names, topology });
}

export interface StatedMembers {
  readonly stated: readonly string[];
  readonly path: string;
  readonly who: string;
  /** Names of all sites that a member can stand in. */
  readonly names: readonly string[];
  readonly topology: TopologyPlan;
}

export function majorityRules({
  stated,
  path,
  who,
  names,
  topology,
}: StatedMembers): readonly Rule[] {
  const none = stated.length === 0;
  return [
    [
      none && topology.spread === "sites",
      path,
      `nothing states in which sites ${who} run, and without their majority no copy is of use`,
      `the site of each member, such as ${shown(names.slice(0, 3))}`,
      { value: undefined },
    ],
    [
      !none && (stated.length < 3 || stated.length % 2 === 0),
      path,
      `${who} decide by majority: an even number survives no more than one less, and one or two survive nothing`,
      "an odd number of three or more",
    ],
  ];
}
