import type { TopologyPlan } from "../plan";
import type { Arrangement } from "../survival/placements";
import { allGone, replicasLeft } from "../survival/models";
import {
  type PartitionSides,
  follow,
  gone,
  type Outcome,
  serves,
  stops,
  worst,
} from "../survival/partition";
import { type Fall, building, buildings } from "../survival/losses";
import {
  membersIn,
  neededOf,
  type QuorumGroup,
  stayingOf,
  tally,
  totalOf,
} from "../survival/quorumGroups";
import type { Leftovers, StorageModel } from "../survival/verdict";
import { counted } from "../words";
import type { CephLayout } from "./rookCephOptions";

/**
 * Ceph: a majority of the monitors decides what is up, and a placement group serves with `min_size` copies or more. An
 * acknowledged write is on every copy that was up, and a copy that was away never serves before it has caught up, so
 * no side splits off; what is short of monitors or copies waits.
 */
export function cephModel(
  topology: TopologyPlan,
  factor: number,
  layout: CephLayout,
): StorageModel {
  const monitors: QuorumGroup = { one: "monitor", bySite: layout.monitors, everywhere: true };
  const total = totalOf(monitors);
  const needed = neededOf(monitors);

  function lost({ replicasLost, place, fall }: Leftovers): Outcome {
    const replicas = factor - replicasLost;
    const monitorsLeft = stayingOf(monitors, fall);
    if (replicas === 0) {
      return gone(allGone(factor, place));
    }
    const left = tally(monitors, monitorsLeft);
    if (monitorsLeft < needed) {
      return stops(`${left}, so reads and writes stop`);
    }
    if (replicas < layout.minSize) {
      return stops(
        `${replicasLeft(factor, replicasLost)} and min_size is ${layout.minSize}, so reads and writes wait until Ceph has ` +
          "made another one",
      );
    }
    const degraded =
      layout.stretch && takesDataSite(fall)
        ? "Ceph lowers min_size to 1 until the site is back"
        : `min_size is ${layout.minSize}`;
    return serves(`${replicasLeft(factor, replicasLost)} (${degraded}); ${left}`, replicasLost > 0);
  }

  function partition(way: Arrangement, sides: PartitionSides): Outcome {
    const first = membersIn(building(topology, sides.first.name), monitors);
    const second = membersIn(building(topology, sides.second.name), monitors);
    const between = total - first - second;
    const majority = { first: first + between >= needed, second: second + between >= needed };
    const seen =
      `the side of ${sides.first.name} sees ${first + between} of ${counted(total, "monitor")} and the side of ` +
      `${sides.second.name} ${second + between} (${needed} needed)`;
    const onBoth = way.first > 0 && way.second > 0;
    if (layout.stretch) {
      return onBoth
        ? oneSideWins(sides, majority, seen)
        : follow(sides, { first: true, second: true }, seen);
    }
    const alone = buildings(topology).length === 2;
    if (!alone && (onBoth || (first > 0 && second > 0))) {
      return stops(
        "outside a stretch cluster Ceph cannot settle which of two sites is away while a third place still sees both, " +
          "so reads and writes may wait until the link is mended",
      );
    }
    // A client needs every copy that counts as up: those beyond the cut do, unless the monitors here ruled them out.
    const works = {
      first: majority.first && (onBoth ? way.first >= layout.minSize : way.second === 0),
      second: majority.second && (onBoth ? way.second >= layout.minSize : way.first === 0),
    };
    return follow(sides, works, seen);
  }

  return { tieBreaker: false, snapshots: "copies", lost, partition };
}

/** The stretch mode goes on with one data site, that of the better connection to the arbiter: it may be either. */
function oneSideWins(
  sides: PartitionSides,
  majority: { readonly first: boolean; readonly second: boolean },
  seen: string,
): Outcome {
  const winners = [
    ...(majority.first ? [{ first: true, second: false }] : []),
    ...(majority.second ? [{ first: false, second: true }] : []),
  ];
  return winners.length === 0
    ? stops(`${seen}, so reads and writes stop`)
    : worst(winners.map((works) => follow(sides, works, `${seen}; Ceph goes on with one of them`)));
}

/** Whether a whole data site is lost: then the stretch mode lowers what it asks for. */
function takesDataSite(fall: Fall): boolean {
  return fall.some(({ role, whole }) => role === "data" && whole);
}
