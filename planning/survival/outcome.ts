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

/** The volume serves on. */
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
export function servesUnmanaged(rule: string): Outcome {
  return { ...serves(rule, false), unmanaged: true };
}

/** Nothing can be read or written until what failed is back; what was acknowledged is still there. */
export function stops(rule: string): Outcome {
  return { ...serves(rule, false), readable: false, writable: false };
}

/** No copy is left. */
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
