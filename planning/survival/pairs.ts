import type { StorageBackend, StorageRequest } from "../backends/backend";
import type { Loss, SiteNodes, TopologyPlan, Verdict } from "../plan";
import { buildings } from "./losses";

/** Copies from which on the factor may promise two losses at once: with fewer one of them leaves no copy to lose. */
const PAIRS_FROM = 3;
/** Sites that have to be there for a majority to outlive two of them. */
const SITES_TO_SURVIVE_TWO = 5;

/**
 * Verdicts on two losses at once, for three copies or more and of storage that is known: every two nodes, every node with
 * every witness, every two sites of five or more. Nodes of a site are alike to every rule, so one verdict for each two
 * sites speaks of all their nodes, however many they are. Where no pair of a kind is survived, the first of the worst
 * stands for all of them: it shows the limit, and the table stays readable.
 */
export function pairVerdicts(backend: StorageBackend, request: StorageRequest): readonly Verdict[] {
  const { site, topology } = request;
  if (site.replicationFactor < PAIRS_FROM || backend.id === "generic") {
    return [];
  }
  return [nodePairs(topology), nodesWithWitness(topology), sitePairs(topology)].flatMap((losses) =>
    shownOf(losses.map((loss) => backend.survival(request, loss))),
  );
}

function shownOf(verdicts: readonly Verdict[]): readonly Verdict[] {
  if (verdicts.some(({ survived }) => survived)) {
    return verdicts;
  }
  const lost = verdicts.find(({ acknowledgedWritesLost }) => acknowledgedWritesLost);
  return [lost ?? verdicts[0]].filter((verdict) => verdict !== undefined);
}

/** By name, so that the order of the stack file does not choose which pair stands for the others. */
function byName(sites: readonly SiteNodes[]): readonly SiteNodes[] {
  return [...sites].sort((one, two) => (one.name < two.name ? -1 : 1));
}

function nodePairs(topology: TopologyPlan): readonly Loss[] {
  const dataSites = byName(topology.dataSites);
  return dataSites.flatMap((one, index) =>
    dataSites
      .slice(index)
      .filter((two) => two !== one || one.storageNodes.length > 1)
      .map((two): Loss => ({ kind: "nodes", sites: [one.name, two.name] })),
  );
}

function nodesWithWitness({ dataSites, witnessSites }: TopologyPlan): readonly Loss[] {
  return byName(dataSites).flatMap(({ name }) =>
    byName(witnessSites).map((witness): Loss => ({
      kind: "nodeAndWitness",
      site: name,
      witness: witness.name,
    })),
  );
}

function sitePairs(topology: TopologyPlan): readonly Loss[] {
  const names = [...buildings(topology)].sort();
  return topology.independentSites < SITES_TO_SURVIVE_TWO
    ? []
    : names.flatMap((one, index) =>
        names.slice(index + 1).map((two): Loss => ({ kind: "sites", sites: [one, two] })),
      );
}
