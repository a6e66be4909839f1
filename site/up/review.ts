import { takenPoints } from "../../drift/takenMembers";
import { lostMembers } from "../../drift/plan";
import type { DeployedState } from "../../drift/types";
import type { OpenStack } from "../../cli/stack";
import type { OpenAccess } from "./access";
import { makeCandidate, pointsToTake, type Candidate, type FileChanges } from "./candidate";
import type { Deployer } from "./deployer";
import { readSituation, type Situation } from "./situation";

/** What is put before the operator: the steps on a copy of the files, and what would change in the files. */
export interface Review {
  readonly candidate: Candidate;
  readonly changes: FileChanges;
  readonly deployed: DeployedState;
  readonly situation: Situation;
}

/**
 * Works out what `up` would do on a copy of the operator's files: planned points are cut, and cut members that are
 * gone are written as lost, so that everything else can be deployed.
 */
export async function review(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  now: Date,
): Promise<Review> {
  const taken = pointsToTake(stack.site.restorePoints);
  const first = await reviewWith(stack, deployer, access, { taken, lost: [] }, now);
  const { steps } = first.situation;
  const lost = lostMembers(steps);
  if (lost.length === 0) {
    return first;
  }
  first.candidate.remove();
  return reviewWith(stack, deployer, access, { taken, lost }, now);
}

async function reviewWith(
  stack: OpenStack,
  deployer: Deployer,
  access: OpenAccess,
  changes: FileChanges,
  now: Date,
): Promise<Review> {
  const candidate = makeCandidate(stack, changes, now);
  try {
    const deployed = await deployer.load(candidate.file);
    const { root } = stack;
    const { site, raw } = candidate;
    const situation = await readSituation({ root, site, raw, deployed, access });
    return { candidate, changes, deployed, situation };
  } catch (error) {
    candidate.remove();
    throw error;
  }
}

/** What decides whether there is anything to do. */
export interface Reviewed {
  readonly changes: FileChanges;
  readonly situation: Pick<Situation, "desired" | "deployed" | "steps"> & {
    readonly site: Pick<Situation["site"], "restorePoints">;
  };
}

/** Whether anything is to be done, in the live systems or in the operator's files. */
export function isChange(
  { edits }: Pick<OpenStack, "edits">,
  { changes, situation }: Reviewed,
): boolean {
  const { desired, deployed, site, steps } = situation;
  return (
    edits.length > 0 ||
    changes.taken.length > 0 ||
    changes.lost.length > 0 ||
    // All members of a point were cut by a run that was interrupted before it could write so.
    takenPoints(desired, deployed, site.restorePoints).length > 0 ||
    steps.some(({ kind }) => kind !== "same" && kind !== "differs")
  );
}
