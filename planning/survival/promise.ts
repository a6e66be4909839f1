import type { SurvivalTable, TopologyPlan, Verdict } from "../plan";
import type { Problem } from "../problem";
import type { Site, SiteTopology, Survive } from "../site";
import { independentSites } from "../topology";
import { counted, listed, shown } from "../words";
import { buildings } from "./losses";

/** Sites that have to fall independently before the loss of one can be survived: with two, nobody can tell which is cut off. */
export const SITES_TO_SURVIVE_ONE = 3;

/** Default of `survive`: `site` with three independent sites or more, else `node`. */
export function defaultSurvive(topology: SiteTopology): Survive {
  return independentSites(topology) >= SITES_TO_SURVIVE_ONE ? "site" : "node";
}

/** Refuses `survive: site` where there are fewer than three independent sites, whatever the backend. */
export function siteCountProblems(site: Site, topology: TopologyPlan): readonly Problem[] {
  if (site.survive !== "site" || topology.independentSites >= SITES_TO_SURVIVE_ONE) {
    return [];
  }
  const located = topology.witnessSites.filter((witness) => witness.locatedIn !== undefined);
  const names = buildings(topology);
  const inside = located.map((witness) => `${witness.name} stands in ${String(witness.locatedIn)}`);
  return [
    {
      path: "survive",
      value: shown(site.survive),
      message:
        `the loss of a site is survived only where three sites or more fall independently; there ` +
        `${names.length === 1 ? "is" : "are"} ${names.length} (${listed(names)})` +
        (inside.length === 0 ? "" : `; ${listed(inside)} and falls with it`) +
        lostAlone(names),
      allowed: "Allowed: node, or a third site (a witness in a building of its own is enough)",
    },
  ];
}

function lostAlone(names: readonly string[]): string {
  const [one, two] = names;
  return two === undefined
    ? ""
    : `. When ${String(two)} no longer sees ${String(one)}, it cannot tell a lost site from a cut link`;
}

/**
 * Refuses a promise that a verdict contradicts, with the failing case in words.
 *
 * @param needsPerson Whether a loss may be survived with a person's help (`failover: manual`).
 * @param better Verdict on the same loss with fewer copies, where one survives it.
 */
export function promiseProblems(
  site: Site,
  table: SurvivalTable,
  needsPerson: boolean,
  better: (verdict: Verdict) => { factor: number; verdict: Verdict } | undefined,
): readonly Problem[] {
  const kept = (verdict: Verdict): boolean =>
    verdict.survived && (needsPerson || verdict.unattended);
  const broken = table.verdicts.filter(
    (verdict) => isPromised(site.survive, verdict) && !kept(verdict),
  );
  const first = broken[0];
  if (first === undefined) {
    return [];
  }
  const others = broken.length - 1;
  const fewer = better(first);
  return [
    {
      path: "survive",
      value: shown(site.survive),
      message:
        `${first.title}: ${first.rule}` +
        (others === 0 ? "" : ` (and ${counted(others, "more case")} like it)`) +
        (fewer === undefined
          ? ""
          : `. With replicationFactor ${fewer.factor} the same loss is survived: ${fewer.verdict.rule}`),
      allowed: `Allowed: ${allowedInstead(site, broken)}`,
    },
  ];
}

/** `survive: node` promises every node; `site` promises every node, site and witness. */
function isPromised(survive: Survive, verdict: Verdict): boolean {
  const { kind } = verdict.loss;
  return kind === "node" || (survive === "site" && (kind === "site" || kind === "witness"));
}

function allowedInstead(site: Site, broken: readonly Verdict[]): string {
  const nodes = broken.some((verdict) => verdict.loss.kind === "node");
  return site.survive === "site" && !nodes
    ? "node, or a topology and factor whose every verdict survives"
    : "a topology and factor whose every verdict survives";
}
