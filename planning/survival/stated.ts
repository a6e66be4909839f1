import type { Loss } from "../plan";
import type { Arrangement } from "./placements";
import { allGone, copyingModel, replicasLeft } from "./replicas";
import type { PartitionSides } from "./partition";
import { gone, type Outcome, serves, stops } from "./outcome";
import type { Leftovers, StorageModel } from "./verdict";

/**
 * Storage of which only what its operator stated is known. A loss counts as survived where it was stated and the
 * arithmetic of the copies does not contradict it; everything else is "not stated", never a guess.
 *
 * @param survives Kinds of losses that are stated to be survived.
 * @param snapshots Where snapshots are, if that is stated.
 */
export function statedModel(
  factor: number,
  survives: readonly string[],
  snapshots: StorageModel["snapshots"],
): StorageModel {
  function lost({ replicasLost, place, loss, fall }: Leftovers): Outcome {
    if (replicasLost === factor) {
      return gone(allGone(factor, place));
    }
    const nodes = fall.reduce((sum, { storage, workers }) => sum + storage + workers, 0);
    if (loss.kind === "host" && nodes === 0) {
      return serves(`${place} carries no node that the storage serves`, false);
    }
    const stated =
      survives.includes(loss.kind) ||
      // A host with one node that the storage may know takes what the loss of that node takes.
      (loss.kind === "host" && nodes === 1 && survives.includes("node"));
    return stated
      ? serves(
          `${replicasLeft(factor, replicasLost)}; that the storage serves on is the operator's statement`,
          replicasLost > 0,
        )
      : stops(
          `what the storage does after the loss of ${WORDS[loss.kind]} is not stated (backendOptions.survives)`,
        );
  }

  function partition(way: Arrangement, sides: PartitionSides): Outcome {
    return survives.includes("link")
      ? copyingModel(factor, false).partition(way, sides)
      : stops("what the storage does when a link is cut is not stated (backendOptions.survives)");
  }

  return { tieBreaker: false, snapshots, lost, partition };
}

const WORDS: Readonly<Record<Loss["kind"], string>> = {
  node: "a node",
  site: "a site",
  witness: "a witness",
  link: "a link",
  host: "a host",
  datastore: "a datastore",
  nodes: "two nodes at once",
  nodeAndWitness: "a node and a witness at once",
  sites: "two sites at once",
};
