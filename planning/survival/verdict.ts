import type { Loss, TopologyPlan, Verdict } from "../plan";
import { type Arrangement, arrangements, NOWHERE } from "./arrangements";
import { controlPlaneSplits, controlPlaneWithout } from "./controlPlane";
import type { CutSides } from "./cut";
import { building, lossTitle, type Place, witnessPlace } from "./losses";
import { type Outcome, worst } from "./outcome";

/** How one kind of storage answers a loss, arrangement by arrangement. Pure arithmetic. */
export interface StorageModel {
  /** Whether a vote without data is added for this factor. */
  readonly tieBreaker: boolean;
  /** Some of the copies, and maybe the tie-breaker, are lost. `place` names what falls, e.g. `site a`. */
  lost(left: Remains): Outcome;
  /** Two places no longer reach each other; both see everything elsewhere. */
  cut(arrangement: Arrangement, sides: CutSides): Outcome;
}

export interface Remains {
  readonly copiesLost: number;
  readonly tieBreaker: "none" | "stays" | "lost";
  /** What is lost, e.g. `site a`. */
  readonly place: string;
}

/** What the verdict depends on beside the placement. */
export interface VerdictRequest {
  readonly topology: TopologyPlan;
  readonly factor: number;
  /** Whether a mechanism moves workloads without a person. */
  readonly automatic: boolean;
}

/** The verdict on one loss: the worst over all arrangements, together with the control plane's majority. */
export function verdict(request: VerdictRequest, model: StorageModel, loss: Loss): Verdict {
  const { topology, automatic } = request;
  const outcome = storageOutcome(request, model, loss);
  const controlPlane = controlPlaneWithout(topology, lostPlaces(topology, loss));
  // Without the API server nothing can be started elsewhere, whatever is left of the data.
  const moves = outcome.moves || takesWorkloads(topology, loss);
  const stranded = moves && !controlPlane.majority;
  const readable = outcome.readable && !stranded;
  const writable = outcome.writable && !stranded;
  const survived = readable && writable && !outcome.splitBrain && !outcome.acknowledgedWritesLost;
  return {
    loss,
    title: lossTitle(topology, loss),
    readable,
    writable,
    unattended: survived && controlPlane.majority && !outcome.unmanaged && (!moves || automatic),
    splitBrain: outcome.splitBrain,
    acknowledgedWritesLost: outcome.acknowledgedWritesLost,
    rule: [outcome.rule, ...controlPlaneWords(topology, loss)].join("; "),
    survived,
  };
}

/** Whether workloads ran in what is lost, wherever the copies were: they run on the nodes that may hold data. */
function takesWorkloads(topology: TopologyPlan, loss: Loss): boolean {
  const holdsData = (name: string): boolean =>
    topology.dataSites.some((site) => site.name === name);
  switch (loss.kind) {
    case "node":
    case "site":
      return holdsData(loss.site);
    case "sites":
      return loss.sites.some(holdsData);
    case "witness":
    case "link":
      return false;
  }
}

function storageOutcome(request: VerdictRequest, model: StorageModel, loss: Loss): Outcome {
  const { topology, factor } = request;
  const place = (name: string): Place => building(topology, name);
  const ways = (first: Place, second: Place): readonly Arrangement[] =>
    arrangements(topology, factor, first, second, model.tieBreaker);
  switch (loss.kind) {
    case "node":
      return nodeOutcome(request, model, loss.node, loss.site);
    case "site":
      return worst(
        ways(place(loss.site), NOWHERE).map((way) => lose(model, way, `site ${loss.site}`)),
      );
    case "witness":
      return worst(
        ways(witnessPlace(topology, loss.site), NOWHERE).map((way) =>
          lose(model, way, `witness ${loss.site}`),
        ),
      );
    case "sites": {
      const [one, two] = loss.sites;
      return worst(
        ways(place(one), place(two)).map((way) => lose(model, way, `sites ${one} and ${two}`)),
      );
    }
    case "link": {
      const [one, two] = loss.between;
      const hostsData = (name: string): boolean => place(name).dataSites.length > 0;
      const splits = controlPlaneSplits(topology, place(one), place(two));
      return worst(
        ways(place(one), place(two)).flatMap((way) =>
          splits.map((controlPlane) =>
            model.cut(way, {
              first: { name: one, hosts: hostsData(one) },
              second: { name: two, hosts: hostsData(two) },
              thirdHosts: topology.dataSites.some((site) => site.name !== one && site.name !== two),
              controlPlane,
            }),
          ),
        ),
      );
    }
  }
}

function lose(model: StorageModel, way: Arrangement, place: string): Outcome {
  const { tieBreaker } = way;
  return model.lost({
    copiesLost: way.first + way.second,
    tieBreaker: tieBreaker === "none" ? "none" : tieBreaker === "elsewhere" ? "stays" : "lost",
    place,
  });
}

/** A node holds at most one vote: a copy where its site holds any, or the tie-breaker where that is in its site. */
function nodeOutcome(
  { topology, factor }: VerdictRequest,
  model: StorageModel,
  node: string,
  site: string,
): Outcome {
  const ofSite = (sites: TopologyPlan["dataSites"]): TopologyPlan["dataSites"] =>
    sites.filter((candidate) => candidate.name === site);
  const place: Place = {
    dataSites: ofSite(topology.dataSites),
    witnesses: ofSite(topology.witnessSites),
  };
  const name = `node ${node}`;
  const outcomes = arrangements(topology, factor, place, NOWHERE, model.tieBreaker).flatMap(
    (way) => {
      const stays = way.tieBreaker === "none" ? ("none" as const) : ("stays" as const);
      return [
        ...(way.tieBreaker === "first"
          ? [model.lost({ copiesLost: 0, tieBreaker: "lost", place: name })]
          : []),
        model.lost({ copiesLost: Math.min(1, way.first), tieBreaker: stays, place: name }),
      ];
    },
  );
  return worst(outcomes);
}

function lostPlaces(topology: TopologyPlan, loss: Loss): readonly Place[] {
  switch (loss.kind) {
    case "site":
      return [building(topology, loss.site)];
    case "witness":
      return [witnessPlace(topology, loss.site)];
    case "sites":
      return loss.sites.map((site) => building(topology, site));
    // Storage nodes are no control-plane nodes, and a cut link takes none away: its own rule looks at both sides.
    case "node":
    case "link":
      return [];
  }
}

/** Says what is left of the control plane where the loss takes some of it, and nothing where it is not stated. */
function controlPlaneWords(topology: TopologyPlan, loss: Loss): readonly string[] {
  const places = lostPlaces(topology, loss);
  if (places.length === 0) {
    return [];
  }
  const left = controlPlaneWithout(topology, places);
  if (left.words === undefined) {
    return [];
  }
  return [left.majority ? left.words : `${left.words}, so no pod can be started elsewhere`];
}
