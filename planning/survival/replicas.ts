import { counted } from "../words";
import type { Arrangement } from "./placements";
import { type PartitionSides, follow, runsTwice } from "./partition";
import { gone, type Outcome, serves, splits } from "./outcome";
import type { Leftovers, StorageModel } from "./verdict";

/**
 * Storage without a quorum of its own: every write goes to all copies that can be reached, and a volume lives while
 * one copy and the control plane do. It is the control plane that decides where a volume is attached.
 *
 * @param automatic Whether a mechanism starts workloads of an unreachable node elsewhere: then a side that is cut off
 *   from the control plane goes on writing to its own copies while a second instance is started.
 */
export function copyingModel(factor: number, automatic: boolean): StorageModel {
  function lost({ replicasLost, place }: Leftovers): Outcome {
    return replicasLost === factor
      ? gone(allGone(factor, place))
      : serves(
          `${replicasLeft(factor, replicasLost)}; no quorum is kept, one copy is enough`,
          replicasLost > 0,
        );
  }

  function partition(way: Arrangement, sides: PartitionSides): Outcome {
    const { first, second } = sides;
    const works = {
      first: way.first + way.elsewhere > 0,
      second: way.second + way.elsewhere > 0,
    };
    const twice = automatic ? runsTwice(sides, works) : undefined;
    return twice === undefined
      ? follow(
          sides,
          works,
          `the side of ${first.name} reaches ${way.first + way.elsewhere} of ${counted(factor, "copy", "copies")} ` +
            `and the side of ${second.name} ${way.second + way.elsewhere}`,
        )
      : splits(
          `workloads of ${twice.name} are started elsewhere while that side, cut off from the control plane, ` +
            "may go on writing to its own copy",
        );
  }

  return { tieBreaker: false, snapshots: "copies", lost, partition };
}

/** `1 of 2 copies stays`. */
export function replicasLeft(factor: number, replicasLost: number): string {
  const replicas = factor - replicasLost;
  return `${replicas} of ${counted(factor, "copy", "copies")} ${replicas === 1 ? "stays" : "stay"}`;
}

/** `both copies are lost with site a`. */
export function allGone(factor: number, place: string): string {
  const all = factor === 2 ? "both copies are" : `all ${factor} copies are`;
  return `${factor === 1 ? "the only copy is" : all} lost with ${place}`;
}
