import { type SplitControlPlane, isAlive, NO_MAJORITY } from "./controlPlane";

/** What a loss does to one volume in one arrangement of its copies. */
export interface Outcome {
  readonly readable: boolean;
  readonly writable: boolean;
  readonly splitBrain: boolean;
  readonly acknowledgedWritesLost: boolean;
  /** Whether a workload may have to be started elsewhere for the service to go on. */
  readonly moves: boolean;
  /** Whether the control plane has no majority anywhere: what runs goes on, and nothing can be started. */
  readonly unmanaged: boolean;
  readonly rule: string;
}

export function serves(rule: string, moves: boolean): Outcome {
  return {
    readable: true,
    writable: true,
    splitBrain: false,
    acknowledgedWritesLost: false,
    moves,
    unmanaged: false,
    rule,
  };
}

/** The volume serves on where it is in use, and nobody could move it. */
function servesUnmanaged(rule: string): Outcome {
  return { ...serves(rule, false), unmanaged: true };
}

/** Nothing can be read or written until what failed is back; what was acknowledged is still there. */
export function stops(rule: string): Outcome {
  return { ...serves(rule, false), readable: false, writable: false };
}

export function gone(rule: string): Outcome {
  return { ...stops(rule), acknowledgedWritesLost: true };
}

/** Two sides write at once; whichever is kept afterwards, acknowledged writes of the other are thrown away. */
export function splits(rule: string): Outcome {
  return { ...serves(rule, true), splitBrain: true, acknowledgedWritesLost: true };
}

/** What can be said of every volume: true only what holds in all arrangements, and the rule of the worst one. */
export function worst(outcomes: readonly Outcome[]): Outcome {
  const [first, ...others] = outcomes;
  if (first === undefined) {
    return stops("the copies cannot be placed");
  }
  const ruling = others.reduce((one, two) => (badness(two) > badness(one) ? two : one), first);
  return {
    readable: outcomes.every((outcome) => outcome.readable),
    writable: outcomes.every((outcome) => outcome.writable),
    splitBrain: outcomes.some((outcome) => outcome.splitBrain),
    acknowledgedWritesLost: outcomes.some((outcome) => outcome.acknowledgedWritesLost),
    moves: outcomes.some((outcome) => outcome.moves),
    unmanaged: outcomes.some((outcome) => outcome.unmanaged),
    rule: ruling.rule,
  };
}

function badness(outcome: Outcome): number {
  return (
    (outcome.readable ? 0 : 8) +
    (outcome.splitBrain ? 4 : 0) +
    (outcome.acknowledgedWritesLost ? 16 : 0) +
    (outcome.unmanaged ? 2 : 0) +
    (outcome.moves ? 1 : 0)
  );
}

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
