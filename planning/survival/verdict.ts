import type { Loss, TopologyPlan, Verdict } from "../plan";
import { type ControlPlane, controlPlaneAfter, controlPlaneSplits, isAlive } from "./controlPlane";
import type { PartitionSides } from "./partition";
import { type Fall, fallOf, placeOf, takesWorkloads } from "./lostParts";
import { building, type Place } from "./losses";
import { lossTitle } from "./lossTitle";
import { type Outcome, worst } from "./outcome";
import { type Arrangement, arrangements, leftovers, type VolumeLeftovers } from "./placements";
import { restorePointsAfter, type SnapshotPlace } from "./restorePoints";

/** How one kind of storage answers a loss, arrangement by arrangement. Pure arithmetic. */
export interface StorageModel {
  /** Whether a vote without data is added for this factor. */
  readonly tieBreaker: boolean;
  /** Where snapshots of a volume are. */
  readonly snapshots: SnapshotPlace;
  /**
   * What of a loss the storage feels, one entry for each case to reckon with; undefined where it lies on the nodes,
   * and feels just what falls.
   */
  readonly impact?: (loss: Loss, fall: Fall) => readonly Fall[];
  /** Some of the copies, and maybe the tie-breaker, are lost. */
  lost(left: Leftovers): Outcome;
  /** Two places no longer reach each other; both see everything elsewhere. */
  partition(arrangement: Arrangement, sides: PartitionSides): Outcome;
}

export interface Leftovers extends VolumeLeftovers {
  readonly loss: Loss;
  readonly fall: Fall;
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
  const fall = fallOf(topology, loss);
  const outcome = storageOutcome(request, model, loss, fall);
  const controlPlane = controlPlaneAfter(topology, loss, fall);
  // Without the API server nothing can be started elsewhere, whatever is left of the data.
  const moves = outcome.moves || takesWorkloads(fall);
  const stranded = moves && !controlPlane.majority;
  const readable = outcome.readable && !stranded;
  const writable = outcome.writable && !stranded;
  const survived = readable && writable && !outcome.splitBrain && !outcome.acknowledgedWritesLost;
  const alive = controlPlane.majority && isAliveAfterTaking(topology, loss);
  const points = restorePointsAfter(loss, outcome, alive, model.snapshots);
  return {
    loss,
    title: lossTitle(topology, loss),
    readable,
    writable,
    unattended: survived && controlPlane.majority && !outcome.unmanaged && (!moves || automatic),
    splitBrain: outcome.splitBrain,
    acknowledgedWritesLost: outcome.acknowledgedWritesLost,
    rule: [outcome.rule, ...controlPlaneWords(controlPlane)].join("; "),
    restorePointsReadable: points.readable,
    restorePointsRule: points.rule,
    survived,
  };
}

function storageOutcome(
  request: VerdictRequest,
  model: StorageModel,
  loss: Loss,
  fall: Fall,
): Outcome {
  if (loss.kind === "link") {
    return partitionOutcome(request, model, loss.between);
  }
  const place = placeOf(loss);
  return worst(
    (model.impact?.(loss, fall) ?? [fall]).flatMap((impact) =>
      leftovers(request.topology, request.factor, impact, model.tieBreaker).map((left) =>
        model.lost({ ...left, loss, fall: impact, place }),
      ),
    ),
  );
}

function partitionOutcome(
  { topology, factor }: VerdictRequest,
  model: StorageModel,
  [one, two]: readonly [string, string],
): Outcome {
  const place = (name: string): Place => building(topology, name);
  const hostsData = (name: string): boolean => place(name).dataSites.length > 0;
  const splits = controlPlaneSplits(topology, place(one), place(two));
  return worst(
    arrangements(topology, factor, [place(one), place(two)], model.tieBreaker).flatMap((way) =>
      splits.map((controlPlane) =>
        model.partition(way, {
          first: { name: one, hosts: hostsData(one) },
          second: { name: two, hosts: hostsData(two) },
          thirdHosts: topology.dataSites.some((site) => site.name !== one && site.name !== two),
          controlPlane,
        }),
      ),
    ),
  );
}

function isAliveAfterTaking(topology: TopologyPlan, loss: Loss): boolean {
  if (loss.kind !== "link") {
    return true;
  }
  const [one, two] = loss.between;
  return controlPlaneSplits(topology, building(topology, one), building(topology, two)).every(
    isAlive,
  );
}

/** Says what is left of the control plane where the loss takes some of it, and nothing where it is not stated. */
function controlPlaneWords({ majority, words }: ControlPlane): readonly string[] {
  if (words === undefined) {
    return [];
  }
  return [majority ? words : `${words}, so no pod can be started elsewhere`];
}
