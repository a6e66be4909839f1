/** A step failed. What was done before it is recorded, and running again goes on from there. */
export class DeployError extends Error {
  override readonly name: string = "DeployError";
}

/** Why one member of a restore point could not be cut. */
export interface TakeProblem {
  readonly urn: string;
  /** For people, e.g. `VolumeSnapshot atom/pre-24.1.data-0`. */
  readonly object: string;
  readonly why: string;
}

/**
 * A restore point could not be cut whole. What was cut of it is still there: whoever cuts decides whether it is removed,
 * and until then a deployment goes on with it.
 */
export class TakeFailed extends DeployError {
  override readonly name = "CutFailed";

  constructor(readonly problems: readonly TakeProblem[]) {
    super(problems.map(({ object, why }) => `${object}: ${why}`).join(" "));
  }
}
