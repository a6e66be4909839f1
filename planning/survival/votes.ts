import type { Arrangement } from "./placements";
import { counted } from "../words";
import { allGone } from "./replicas";
import { type PartitionSides, follow } from "./partition";
import { gone, type Outcome, serves, splits, stops } from "./outcome";
import type { Leftovers, StorageModel } from "./verdict";

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
