import type { Loss } from "../plan";
import type { Arrangement } from "./arrangements";
import { allGone, copyingModel, copiesLeft } from "./copies";
import { gone, type Outcome, serves, stops } from "./outcome";
import type { CutSides } from "./cut";
import type { Remains, StorageModel } from "./verdict";

/**
 * Storage of which only what its operator stated is known. A loss counts as survived where it was stated and the
 * arithmetic of the copies does not contradict it; everything else is "not stated", never a guess.
 */
export function statedModel(
  factor: number,
  kind: Loss["kind"],
  survives: readonly string[],
): StorageModel {
  const stated = survives.includes(kind);

  function lost({ copiesLost, place }: Remains): Outcome {
    if (copiesLost === factor) {
      return gone(allGone(factor, place));
    }
    return stated
      ? serves(
          `${copiesLeft(factor, copiesLost)}; that the storage serves on is the operator's statement`,
          copiesLost > 0,
        )
      : stops(
          `what the storage does after the loss of a ${kind} is not stated (backendOptions.survives)`,
        );
  }

  function cut(way: Arrangement, sides: CutSides): Outcome {
    return stated
      ? copyingModel(factor, false).cut(way, sides)
      : stops("what the storage does when a link is cut is not stated (backendOptions.survives)");
  }

  return { tieBreaker: false, lost, cut };
}
