import type { Loss, TopologyPlan, Verdict } from "../plan";
import type { Problem, Rule } from "../problem";
import type { Site, SiteTopology, Survive } from "../site";
import { independentSites } from "../topology";
import { counted, listed, shown } from "../words";
import { buildings } from "./losses";

/** Sites that have to fall independently before the loss of one can be survived: with two, nobody can tell which is cut off. */
const SITES_TO_SURVIVE_ONE = 3;

/** Default of `survive`: `site` with three independent sites or more, else `node`. */
export function defaultSurvive(topology: SiteTopology): Survive {
  return independentSites(topology) >= SITES_TO_SURVIVE_ONE ? "site" : "node";
}

/** Refuses `survive: site` where there are fewer than three independent sites, whatever the backend. */
export function siteCountRule(site: Site, topology: TopologyPlan): Rule {
  const located = topology.witnessSites.filter((witness) => witness.locatedIn !== undefined);
  const names = buildings(topology);
  const inside = located.map((witness) => `${witness.name} stands in ${String(witness.locatedIn)}`);
  return [
    site.survive === "site" && topology.independentSites < SITES_TO_SURVIVE_ONE,
    "survive",
    `the loss of a site is survived only where three sites or more fall independently; there ` +
      `${names.length === 1 ? "is" : "are"} ${names.length} (${listed(names)})` +
      (inside.length === 0 ? "" : `; ${listed(inside)} and falls with it`) +
      lostAlone(names),
    "node, or a third site (a witness in a building of its own is enough)",
  ];
}

function lostAlone(names: readonly string[]): string {
  const [one, two] = names;
  return two === undefined
    ? ""
    : `. When ${String(two)} no longer sees ${String(one)}, it cannot tell a lost site from a cut link`;
}

/** What could be written instead so that every promise is kept. */
interface Alternatives {
  /** Whether `survive: node` would be kept with the same factor. */
  readonly node: boolean;
  /** Factors with which the same promise would be kept. */
  readonly factors: readonly number[];
  /** Verdict on the refused loss with fewer copies, where one survives it: more copies can survive less. */
  readonly fewer: { readonly factor: number; readonly verdict: Verdict } | undefined;
}

/**
 * Whether `survive` speaks of a loss: `node` of every node, `site` of every node, site and witness. Hosts have a rule of
 * their own, see `shared-host`; datastores, links and pairs are shown and never promised.
 */
export function isPromised(loss: Loss, survive: Survive): boolean {
  const promised: readonly Loss["kind"][] =
    survive === "site" ? ["node", "site", "witness"] : ["node"];
  return promised.includes(loss.kind);
}

/**
 * Whether a verdict keeps the promise to survive its loss.
 *
 * @param withPerson Whether a loss may be survived with a person's help (`failover: manual`).
 */
export function keepsPromise(verdict: Verdict, withPerson: boolean): boolean {
  return verdict.survived && (withPerson || verdict.unattended);
}

/** Refuses a promise that verdicts contradict, with the first failing case in words. */
export function promiseProblem(
  survive: Survive,
  broken: readonly [Verdict, ...Verdict[]],
  instead: Alternatives,
): Problem {
  const [first, ...others] = broken;
  const { fewer, factors } = instead;
  const allowed = [
    ...(instead.node ? ["node"] : []),
    ...(factors.length > 0 ? [`replicationFactor ${listed(factors.map(String), "or")}`] : []),
    "other sites or nodes",
  ];
  return {
    path: "survive",
    value: shown(survive),
    message:
      `${first.title}: ${first.rule}` +
      (others.length === 0 ? "" : ` (and ${counted(others.length, "more case")} like it)`) +
      (fewer === undefined
        ? ""
        : `. With replicationFactor ${fewer.factor} the same loss is survived: ${fewer.verdict.rule}`),
    allowed: `Allowed: ${allowed.join("; ")}`,
  };
}
