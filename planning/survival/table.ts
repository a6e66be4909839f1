import type { StorageBackend, StorageRequest } from "../backends/backend";
import type { Loss, SiteNodes, TopologyPlan, Verdict, SurvivalTable } from "../plan";
import { buildings, losses } from "./losses";
import type { NodeVirtualMachine } from "../site";
import { counted, listed } from "../words";
import { controlPlaneNodes } from "../topology";

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
function pairVerdicts(backend: StorageBackend, request: StorageRequest): readonly Verdict[] {
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

/** The verdict on every loss of the site, and one line that sums them up. */
export function survivalTable(backend: StorageBackend, request: StorageRequest): SurvivalTable {
  const { site, topology } = request;
  const vms = site.virtualMachines?.nodes ?? [];
  const verdicts = [
    ...losses(topology, vms).map((loss) => backend.survival(request, loss)),
    ...pairVerdicts(backend, request),
  ];
  return {
    promised: site.survive,
    verdicts,
    summary: [
      summarize(topology, verdicts),
      ...hostNote(topology, vms),
      ...(backend.snapshotClass(request) === undefined
        ? ["no restore point holds volumes: the driver has no snapshots"]
        : []),
    ].join("; "),
  };
}

const KINDS: readonly { kind: Loss["kind"]; any: string; one: string }[] = [
  { kind: "node", any: "any one node", one: "node" },
  { kind: "host", any: "any one ESXi host", one: "ESXi host" },
  { kind: "datastore", any: "any one datastore", one: "datastore" },
  { kind: "site", any: "any one site", one: "site" },
  { kind: "witness", any: "the witness", one: "witness" },
  { kind: "link", any: "any one link between sites", one: "link" },
  { kind: "nodes", any: "any two nodes", one: "pair of nodes" },
  { kind: "nodeAndWitness", any: "any node with the witness", one: "node with a witness" },
  { kind: "sites", any: "any two sites", one: "pair of sites" },
];

function summarize(topology: TopologyPlan, verdicts: readonly Verdict[]): string {
  const groups = KINDS.map((kind) => ({
    ...kind,
    all: verdicts.filter((verdict) => verdict.loss.kind === kind.kind),
  })).filter((group) => group.all.length > 0);
  const whole = (group: (typeof groups)[number]): boolean =>
    group.all.every((verdict) => verdict.survived);
  const kept = groups.filter(whole);
  const unattended = kept.every((group) => group.all.every((verdict) => verdict.unattended));
  const lost = groups.filter((group) => !whole(group));
  const sentences = [
    kept.length === 0
      ? "Survives no loss"
      : `Survives the loss of ${listed(kept.map((group) => group.any))}${unattended ? ", unattended" : ", with a person's help"}`,
    ...(lost.length === 0 ? [] : [`not survived: ${lost.map(failing).join("; ")}`]),
    ...controlPlaneNote(controlPlaneNodes(topology)),
  ];
  return sentences.join("; ");
}

/** A node whose host nobody states may share it with any other. */
function hostNote(topology: TopologyPlan, vms: readonly NodeVirtualMachine[]): readonly string[] {
  const known = new Set(vms.flatMap(({ name, host }) => (host === undefined ? [] : [name])));
  if (known.size === 0) {
    return [];
  }
  const unknown = topology.dataSites
    .flatMap(({ storageNodes }) => storageNodes)
    .filter((name) => !known.has(name));
  return unknown.length === 0
    ? []
    : [
        `of ${counted(unknown.length, "storage node")} no host is known: ${unknown.length === 1 ? "it is" : "they are"} not among virtualMachines.nodes`,
      ];
}

/** Storage that survives is of no use where the API server does not. */
function controlPlaneNote(nodes: number): readonly string[] {
  if (nodes === 0) {
    return ["the majority of the control plane is not proven: no site states controlPlaneNodes"];
  }
  const one = nodes === 1 ? "the only control-plane node" : "one of 2 control-plane nodes";
  return nodes < 3 ? [`the loss of ${one} stops the API server, and with it fail-over`] : [];
}

/** The losses of one kind that are not survived: by title where they are few, by number where they are many. */
function failing(group: { all: readonly Verdict[]; one: string }): string {
  const lost = group.all.filter((verdict) => !verdict.survived);
  return lost.length <= 2
    ? lost.map((verdict) => verdict.title).join("; ")
    : `${lost.length} of ${counted(group.all.length, group.one)}`;
}
