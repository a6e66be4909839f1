import { counted } from "../words";
import type { Arrangement } from "./placements";
import {
  type PartitionSides,
  follow,
  runsTwice,
  gone,
  type Outcome,
  serves,
  splits,
  stops,
} from "./partition";
import type { Leftovers, StorageModel } from "./verdict";
import type { Loss } from "../plan";

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

/**
 * DRBD's quorum as LINSTOR sets it: each copy is a vote, and an even number of copies gets a diskless tie-breaker,
 * which is one more. A side goes on with floor(votes / 2) + 1 votes and at least one copy.
 *
 * @param quorum `auto`: LINSTOR turns quorum on with three votes or more and off below, and then two sides may write.
 *   `majority`: always on, so two votes stop at the first loss.
 */
export function votingModel(factor: number, quorum: "auto" | "majority"): StorageModel {
  const votesOf = (tieBreaker: boolean): number => factor + (tieBreaker ? 1 : 0);
  /** One copy replicates nothing and votes on nothing. */
  const quorumOn = (votes: number): boolean => factor > 1 && (quorum === "majority" || votes >= 3);
  const needed = (votes: number): number => Math.floor(votes / 2) + 1;

  function lost({ replicasLost, tieBreaker, place }: Leftovers): Outcome {
    const replicas = factor - replicasLost;
    const votes = votesOf(tieBreaker !== "none");
    const left = replicas + (tieBreaker === "stays" ? 1 : 0);
    const hit = replicasLost > 0 || tieBreaker === "lost";
    if (replicas === 0) {
      return gone(allGone(factor, place));
    }
    if (!quorumOn(votes)) {
      return hit && factor > 1 ? splits(quorumOff(place)) : serves(`${place} held no copy`, false);
    }
    return left >= needed(votes)
      ? serves(tally(left, votes, replicas, tieBreaker), replicasLost > 0)
      : stops(`${tally(left, votes, replicas, tieBreaker)}, so reads and writes stop`);
  }

  function partition(way: Arrangement, sides: PartitionSides): Outcome {
    const { first, second } = sides;
    const votes = votesOf(way.tieBreaker !== "none");
    const between = way.elsewhere + (way.tieBreaker === "elsewhere" ? 1 : 0);
    const seenFirst = way.first + between + (way.tieBreaker === "first" ? 1 : 0);
    const seenSecond = way.second + between + (way.tieBreaker === "second" ? 1 : 0);
    if (factor > 1 && !quorumOn(votes) && way.first > 0 && way.second > 0) {
      return splits(quorumOff(`the link between ${first.name} and ${second.name}`));
    }
    const works = (replicas: number, seen: number): boolean =>
      replicas + way.elsewhere > 0 && (!quorumOn(votes) || seen >= needed(votes));
    return follow(
      sides,
      { first: works(way.first, seenFirst), second: works(way.second, seenSecond) },
      `the side of ${first.name} sees ${seenFirst} of ${counted(votes, "vote")} and the side of ${second.name} ` +
        `${seenSecond}${quorumOn(votes) ? ` (${needed(votes)} needed)` : ""}`,
    );
  }

  return { tieBreaker: factor > 1 && factor % 2 === 0, snapshots: "copies", lost, partition };
}

function tally(
  left: number,
  votes: number,
  replicas: number,
  tieBreaker: Leftovers["tieBreaker"],
): string {
  const needed = Math.floor(votes / 2) + 1;
  const voter = { none: "", stays: " and the tie-breaker", lost: ", the tie-breaker is lost" };
  return `${left} of ${votes} votes ${left === 1 ? "stays" : "stay"} (${needed} needed): ${counted(replicas, "copy", "copies")}${voter[tieBreaker]}`;
}

function quorumOff(place: string): string {
  return (
    `2 copies without a tie-breaker cannot tell ${place} from a cut network, so LINSTOR turns quorum off ` +
    "and both copies may be written; a third place for the tie-breaker is needed"
  );
}
