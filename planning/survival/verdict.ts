import type { Loss, TopologyPlan, Verdict } from "../plan";
import {
  controlPlaneAfter,
  controlPlaneSplits,
  isAlive,
  type SplitControlPlane,
} from "./controlPlane";
import { type PartitionSides, type Outcome, worst } from "./partition";
import { building, type Fall, fallOf, lossTitle, placeOf, takesWorkloads } from "./losses";
import { type Arrangement, arrangements, leftovers, type VolumeLeftovers } from "./placements";
import { restorePointsAfter, type SnapshotPlace } from "./restorePoints";

/** How one kind of storage answers a loss, arrangement by arrangement. Pure arithmetic. */
export interface StorageModel {
  /** Whether a vote without data is added for this factor. */
  readonly tieBreaker: boolean;
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
  // It may be dead on both sides of a cut link, which takes nothing.
  const alive =
    controlPlane.majority &&
    (loss.kind !== "link" || splitsOf(topology, loss.between).every(isAlive));
  const points = restorePointsAfter(loss, outcome, alive, model.snapshots);
  return {
    loss,
    title: lossTitle(topology, loss),
    readable,
    writable,
    unattended: survived && controlPlane.majority && !outcome.unmanaged && (!moves || automatic),
    splitBrain: outcome.splitBrain,
    acknowledgedWritesLost: outcome.acknowledgedWritesLost,
    rule:
      controlPlane.words === undefined ? outcome.rule : `${outcome.rule}; ${controlPlane.words}`,
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
  const places = [building(topology, one), building(topology, two)] as const;
  const splits = splitsOf(topology, [one, two]);
  return worst(
    arrangements(topology, factor, places, model.tieBreaker).flatMap((way) =>
      splits.map((controlPlane) =>
        model.partition(way, {
          first: { name: one, hosts: places[0].dataSites.length > 0 },
          second: { name: two, hosts: places[1].dataSites.length > 0 },
          thirdHosts: topology.dataSites.some((site) => site.name !== one && site.name !== two),
          controlPlane,
        }),
      ),
    ),
  );
}

function splitsOf(
  topology: TopologyPlan,
  [one, two]: readonly [string, string],
): readonly SplitControlPlane[] {
  return controlPlaneSplits(topology, building(topology, one), building(topology, two));
}
