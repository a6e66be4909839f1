import { type SplitControlPlane, isAlive, NO_MAJORITY } from "./controlPlane";
import { type Outcome, serves, servesUnmanaged, stops } from "./outcome";

/** Two places that no longer reach each other. Everything elsewhere reaches both. */
export interface PartitionSides {
  readonly first: PartitionSide;
  readonly second: PartitionSide;
  /** Whether workloads can run in a third place, which sees both sides. */
  readonly thirdHosts: boolean;
  readonly controlPlane: SplitControlPlane;
}

export interface PartitionSide {
  readonly name: string;
  /** Whether workloads run there: a witness has none. */
  readonly hosts: boolean;
}

/** Whether a volume can be used from the nodes of each side. */
export interface Usable {
  readonly first: boolean;
  readonly second: boolean;
}

/**
 * Follows the workloads of both sides: they stay where their volume works, else they move to where it does and where
 * the control plane can start them.
 */
export function follow(sides: PartitionSides, works: Usable, words: string): Outcome {
  const { first, second, controlPlane } = sides;
  const alive = isAlive(controlPlane);
  const ends: readonly End[] = [
    {
      from: first,
      works: works.first,
      to: second,
      open: works.second && controlPlane.reachesSecond,
    },
    {
      from: second,
      works: works.second,
      to: first,
      open: works.first && controlPlane.reachesFirst,
    },
  ];
  const leaving = ends.filter((end) => end.from.hosts && !end.works);
  const target = (end: End): string | undefined =>
    !alive
      ? undefined
      : end.to.hosts && end.open
        ? end.to.name
        : sides.thirdHosts
          ? "a third site"
          : undefined;
  const stuck = leaving.find((end) => target(end) === undefined);
  if (stuck !== undefined) {
    const why = alive ? "the control plane can start them nowhere" : NO_MAJORITY;
    return stops(`${words}; workloads of ${stuck.from.name} stop: ${why}`);
  }
  const moved = leaving[0];
  if (moved !== undefined) {
    return serves(`${words}; workloads of ${moved.from.name} move to ${target(moved) ?? ""}`, true);
  }
  return alive
    ? serves(`${words}, so reads and writes go on where they are`, false)
    : servesUnmanaged(`${words}, so reads and writes go on where they are, but ${NO_MAJORITY}`);
}

interface End {
  readonly from: PartitionSide;
  readonly works: boolean;
  readonly to: PartitionSide;
  /** Whether workloads can be started on the other side. */
  readonly open: boolean;
}

/**
 * The side whose workloads may run twice when a mechanism starts the workloads of unreachable nodes elsewhere:
 * they still work, and the control plane no longer sees them.
 */
export function runsTwice(sides: PartitionSides, works: Usable): PartitionSide | undefined {
  const { first, second, controlPlane } = sides;
  if (!isAlive(controlPlane)) {
    return undefined;
  }
  const startsFirst = first.hosts && works.first && controlPlane.reachesFirst;
  const startsSecond = second.hosts && works.second && controlPlane.reachesSecond;
  const unseen = (side: PartitionSide, working: boolean, seen: boolean): boolean =>
    side.hosts && working && !seen && (startsFirst || startsSecond || sides.thirdHosts);
  if (unseen(first, works.first, controlPlane.reachesFirst)) {
    return first;
  }
  return unseen(second, works.second, controlPlane.reachesSecond) ? second : undefined;
}
