import type { Arrangement } from "./arrangements";
import { counted } from "../words";
import { gone, type Outcome, serves, splits, stops, worst } from "./outcome";
import type { CutSides, Remains, StorageModel } from "./verdict";

/**
 * Storage without a quorum of its own: every write goes to all copies that can be reached, and a volume lives while
 * one copy and the control plane do. It is the control plane that decides where a volume is attached.
 *
 * @param automatic Whether a mechanism starts workloads of an unreachable node elsewhere: then a side that is cut off
 *   from the control plane goes on writing to its own copies while a second instance is started.
 */
export function copyingModel(factor: number, automatic: boolean): StorageModel {
  function lost({ copiesLost, place }: Remains): Outcome {
    return copiesLost === factor
      ? gone(allGone(factor, place))
      : serves(
          `${copiesLeft(factor, copiesLost)}; no quorum is kept, one copy is enough`,
          copiesLost > 0 || factor === 1,
        );
  }

  function cut(way: Arrangement, sides: CutSides): Outcome {
    const { controlPlane, first, second } = sides;
    const dataFirst = way.first + way.elsewhere > 0;
    const dataSecond = way.second + way.elsewhere > 0;
    if (!controlPlane.livesFirst && !controlPlane.livesSecond) {
      return stops("neither side keeps a majority of the control plane, so nothing can be moved");
    }
    if (controlPlane.reachesFirst && controlPlane.reachesSecond) {
      return serves(
        "both sides reach the control plane, which keeps each volume attached once; copies that are not reached are left out",
        !dataFirst || !dataSecond,
      );
    }
    // Where nothing is stated of the control plane either side may be the one that is cut off: take the worse.
    const off = controlPlane.reachesFirst
      ? [{ name: second, data: dataSecond, others: dataFirst }]
      : controlPlane.reachesSecond
        ? [{ name: first, data: dataFirst, others: dataSecond }]
        : [
            { name: first, data: dataFirst, others: dataSecond },
            { name: second, data: dataSecond, others: dataFirst },
          ];
    return worst(off.map((side) => cutOff(side.name, side.data, side.others)));
  }

  /** One side no longer reaches the control plane. */
  function cutOff(name: string, data: boolean, others: boolean): Outcome {
    if (!others) {
      return stops(
        `all copies stand on the side of ${name}, which the control plane no longer reaches`,
      );
    }
    if (data && automatic) {
      return splits(
        `workloads of ${name} are started elsewhere while the cut-off side may go on writing to its own copy`,
      );
    }
    return data
      ? serves(
          `the side of ${name} goes on with its own copy; nothing is started twice unless a person does`,
          false,
        )
      : serves(`${name} holds no copy; its workloads are started on the other side`, true);
  }

  return { tieBreaker: false, lost, cut };
}

/** `1 of 2 copies stays`. */
export function copiesLeft(factor: number, copiesLost: number): string {
  const copies = factor - copiesLost;
  return `${copies} of ${counted(factor, "copy", "copies")} ${copies === 1 ? "stays" : "stay"}`;
}

/** `all 2 copies are lost with site a`. */
export function allGone(factor: number, place: string): string {
  return `${factor === 1 ? "the only copy is" : `all ${factor} copies are`} lost with ${place}`;
}
