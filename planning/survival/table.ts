import type { StorageBackend, StorageRequest } from "../backends/backend";
import type { Loss, SurvivalTable, TopologyPlan, Verdict } from "../plan";
import { counted, listed } from "../words";
import { controlPlaneNodes } from "./controlPlane";
import { losses } from "./losses";

/** The verdict on every loss of the site, and one line that sums them up. */
export function survivalTable(backend: StorageBackend, request: StorageRequest): SurvivalTable {
  const verdicts = losses(request.topology).map((loss) => backend.survival(request, loss));
  return {
    promised: request.site.survive,
    verdicts,
    summary: summarize(request.topology, verdicts),
  };
}

type Kind = Exclude<Loss["kind"], "sites">;

const KINDS: readonly { kind: Kind; any: string; one: string }[] = [
  { kind: "node", any: "any one node", one: "node" },
  { kind: "site", any: "any one site", one: "site" },
  { kind: "witness", any: "the witness", one: "witness" },
  { kind: "link", any: "any one link between sites", one: "link" },
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
