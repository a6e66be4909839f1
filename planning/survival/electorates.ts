import type { TopologyPlan } from "../plan";
import { counted, listed } from "../words";
import type { Arrangement } from "./arrangements";
import { allGone, copiesLeft } from "./copies";
import { type CutSides, follow } from "./cut";
import { membersLost } from "./falls";
import { building, buildings, type Place } from "./losses";
import { gone, type Outcome, serves, stops } from "./outcome";
import type { Remains, StorageModel } from "./verdict";

/** Those of whom a majority must be left for the storage to tell a lost copy from a good one. */
export interface Electorate {
  /** One of them, e.g. `etcd member`; its plural takes an s. */
  readonly one: string;
  readonly bySite: ReadonlyMap<string, number>;
  /** Whether they may run on nodes that hold no data. */
  readonly everywhere: boolean;
}

export interface ElectedStorage {
  readonly topology: TopologyPlan;
  readonly factor: number;
  readonly electorates: readonly Electorate[];
  /** Copies with which a volume goes on. */
  readonly minimum: number;
  /** Whether each volume goes on with one side for certain where both sides of a cut link keep all majorities. */
  readonly settlesCuts: boolean;
  readonly snapshots: StorageModel["snapshots"];
}

/**
 * Storage without a quorum per volume that records in a store of its own which copies are good: one node writes a
 * volume, and without a majority of that store (and of whatever else has to agree) it does not go on.
 */
export function electedModel(storage: ElectedStorage): StorageModel {
  const { topology, factor, electorates, minimum } = storage;

  function lost({ copiesLost, place, fall }: Remains): Outcome {
    if (copiesLost >= factor) {
      return gone(allGone(factor, place));
    }
    const left = electorates.map((electorate) => ({
      electorate,
      stay: totalOf(electorate) - membersLost(fall, electorate.bySite, electorate.everywhere),
    }));
    const short = left.find(({ electorate, stay }) => stay < neededOf(electorate));
    if (short !== undefined) {
      return stops(
        `${tally(short.electorate, short.stay)}, so no copy can be told good and reads and writes stop`,
      );
    }
    const copies = copiesLeft(factor, copiesLost);
    return factor - copiesLost < minimum
      ? stops(`${copies} and ${minimum} are needed, so reads and writes stop`)
      : serves(
          [copies, ...left.map(({ electorate, stay }) => tally(electorate, stay))].join("; "),
          copiesLost > 0,
        );
  }

  function cut(way: Arrangement, sides: CutSides): Outcome {
    const seen = electorates.map((electorate) => {
      const first = membersIn(building(topology, sides.first.name), electorate);
      const second = membersIn(building(topology, sides.second.name), electorate);
      const total = totalOf(electorate);
      return { electorate, first: total - second, second: total - first };
    });
    const agreed = {
      first: seen.every(({ electorate, first }) => first >= neededOf(electorate)),
      second: seen.every(({ electorate, second }) => second >= neededOf(electorate)),
    };
    const torn = way.first > 0 && way.second > 0;
    if (!storage.settlesCuts && buildings(topology).length > 2 && torn) {
      return stops(
        "which side gives way is not known while a third place still sees both, so reads and writes may wait until the " +
          "link is mended",
      );
    }
    return follow(
      sides,
      {
        first: agreed.first && way.first + way.elsewhere >= minimum,
        second: agreed.second && way.second + way.elsewhere >= minimum,
      },
      `the side of ${sides.first.name} sees ${words(seen, "first")} and the side of ${sides.second.name} ` +
        words(seen, "second"),
    );
  }

  return { tieBreaker: false, snapshots: storage.snapshots, lost, cut };
}

interface Seen {
  readonly electorate: Electorate;
  readonly first: number;
  readonly second: number;
}

function words(seen: readonly Seen[], side: "first" | "second"): string {
  return listed(
    seen.map((each) => {
      const total = totalOf(each.electorate);
      return `${each[side]} of ${counted(total, each.electorate.one)} (${neededOf(each.electorate)} needed)`;
    }),
  );
}

function tally(electorate: Electorate, left: number): string {
  const total = counted(totalOf(electorate), electorate.one);
  return `${left} of ${total} ${left === 1 ? "stays" : "stay"} (${neededOf(electorate)} needed)`;
}

function totalOf({ bySite }: Electorate): number {
  return [...bySite.values()].reduce((sum, count) => sum + count, 0);
}

function neededOf(electorate: Electorate): number {
  return Math.floor(totalOf(electorate) / 2) + 1;
}

function membersIn(place: Place, { bySite }: Electorate): number {
  return [...place.dataSites, ...place.witnesses].reduce(
    (sum, { name }) => sum + (bySite.get(name) ?? 0),
    0,
  );
}
