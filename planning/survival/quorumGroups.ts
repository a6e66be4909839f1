import type { TopologyPlan } from "../plan";
import { counted, listed } from "../words";
import type { Arrangement } from "./placements";
import { allGone, replicasLeft } from "./models";
import { type PartitionSides, follow, gone, type Outcome, serves, stops } from "./partition";
import { type Fall, building, buildings, type Place } from "./losses";
import type { Leftovers, StorageModel } from "./verdict";

/** Those of whom a majority must be left for the storage to tell a lost copy from a good one. */
export interface QuorumGroup {
  /** One of them, e.g. `etcd member`; its plural takes an s. */
  readonly one: string;
  readonly bySite: ReadonlyMap<string, number>;
  /** Whether they may run on nodes that hold no data. */
  readonly everywhere: boolean;
}

interface ElectedStorage {
  readonly topology: TopologyPlan;
  readonly factor: number;
  readonly quorumGroups: readonly QuorumGroup[];
  /** Copies with which a volume goes on. */
  readonly minimum: number;
  /** Whether each volume goes on with one side for certain where both sides of a cut link keep all majorities. */
  readonly settlesPartitions: boolean;
  readonly snapshots: StorageModel["snapshots"];
}

/**
 * Storage without a quorum per volume that records in a store of its own which copies are good: one node writes a
 * volume, and without a majority of that store (and of whatever else has to agree) it does not go on.
 */
export function electedModel(storage: ElectedStorage): StorageModel {
  const { topology, factor, quorumGroups, minimum } = storage;

  function lost({ replicasLost, place, fall }: Leftovers): Outcome {
    if (replicasLost >= factor) {
      return gone(allGone(factor, place));
    }
    const left = quorumGroups.map((quorumGroup) => ({
      quorumGroup,
      stay: stayingOf(quorumGroup, fall),
    }));
    const short = left.find(({ quorumGroup, stay }) => stay < neededOf(quorumGroup));
    if (short !== undefined) {
      return stops(
        `${tally(short.quorumGroup, short.stay)}, so no copy can be told good and reads and writes stop`,
      );
    }
    const replicas = replicasLeft(factor, replicasLost);
    return factor - replicasLost < minimum
      ? stops(`${replicas} and ${minimum} are needed, so reads and writes stop`)
      : serves(
          [replicas, ...left.map(({ quorumGroup, stay }) => tally(quorumGroup, stay))].join("; "),
          replicasLost > 0,
        );
  }

  function partition(way: Arrangement, sides: PartitionSides): Outcome {
    /** What is seen from one side: all but what stands in the other one. */
    const seenWithout = (other: string, replicas: number) => {
      const place = building(topology, other);
      const seen = quorumGroups.map(
        (group) => [group, totalOf(group) - membersIn(place, group)] as const,
      );
      return {
        works: replicas >= minimum && seen.every(([group, count]) => count >= neededOf(group)),
        words: listed(
          seen.map(
            ([group, count]) =>
              `${count} of ${counted(totalOf(group), group.one)} (${neededOf(group)} needed)`,
          ),
        ),
      };
    };
    const first = seenWithout(sides.second.name, way.first + way.elsewhere);
    const second = seenWithout(sides.first.name, way.second + way.elsewhere);
    const torn = way.first > 0 && way.second > 0;
    if (!storage.settlesPartitions && buildings(topology).length > 2 && torn) {
      return stops(
        "which side gives way is not known while a third place still sees both, so reads and writes may wait until the " +
          "link is mended",
      );
    }
    return follow(
      sides,
      { first: first.works, second: second.works },
      `the side of ${sides.first.name} sees ${first.words} and the side of ${sides.second.name} ${second.words}`,
    );
  }

  return { tieBreaker: false, snapshots: storage.snapshots, lost, partition };
}

/** `2 of 3 monitors stay (2 needed)`. */
export function tally(quorumGroup: QuorumGroup, left: number): string {
  const total = counted(totalOf(quorumGroup), quorumGroup.one);
  return `${left} of ${total} ${left === 1 ? "stays" : "stay"} (${neededOf(quorumGroup)} needed)`;
}

export function totalOf({ bySite }: QuorumGroup): number {
  return [...bySite.values()].reduce((sum, count) => sum + count, 0);
}

/**
 * Those that stay after a fall: no two share a node, and which nodes of a site they run on is not known, so each node that
 * is lost may have run one.
 */
export function stayingOf(quorumGroup: QuorumGroup, fall: Fall): number {
  return fall.reduce((left, { site, whole, storage, workers }) => {
    const members = quorumGroup.bySite.get(site.name) ?? 0;
    const nodes = storage + (quorumGroup.everywhere ? workers : 0);
    return left - (whole ? members : Math.min(members, nodes));
  }, totalOf(quorumGroup));
}

export function neededOf(quorumGroup: QuorumGroup): number {
  return Math.floor(totalOf(quorumGroup) / 2) + 1;
}

export function membersIn(place: Place, { bySite }: QuorumGroup): number {
  return [...place.dataSites, ...place.witnesses].reduce(
    (sum, { name }) => sum + (bySite.get(name) ?? 0),
    0,
  );
}
