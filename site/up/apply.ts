import { pointFilePath } from "../../config/pointFile";
import { completeTake, recordMembers } from "../../config/pointRecord";
import { takenPoints } from "../../drift/takenMembers";
import type { Reporter } from "../../clients/reporter";
import { openStack, type OpenStack } from "../../cli/stack";
import type { OpenAccess } from "./access";
import { writeConfirmed } from "./candidate";
import type { Deployer } from "./deployer";
import { application, requireSame } from "./reading";
import type { Review } from "./review";
import { collectDesired, readSituation } from "./situation";

/**
 * Applies exactly what was confirmed: writes the confirmed values to the operator's files, works the steps out again
 * from them, and goes on only if they are the same.
 */
export async function applyConfirmed(options: {
  readonly stack: OpenStack;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly reviewed: Review;
  readonly now: Date;
  readonly reporter: Reporter;
}): Promise<void> {
  const { stack, deployer, access, reviewed, now, reporter } = options;
  writeConfirmed(stack, reviewed.changes, now);
  const written = openStack(stack.name, []);
  const { root, raw, site, stackFile } = written;
  const deployed = await deployer.load(stackFile.path);
  const situation = await readSituation({ root, site, raw, deployed, access });
  const { steps } = situation;
  requireSame(reviewed.situation.steps, steps);
  await deployer.apply(application(written, situation, steps, access));
  await settlePoints(stack.name, deployer, reporter);
}

/** Completes the files of points whose members are all there; the program's own hook did so for those it cut. */
async function settlePoints(name: string, deployer: Deployer, reporter: Reporter): Promise<void> {
  const { root, raw, site, stackFile } = openStack(name, []);
  const deployed = await deployer.load(stackFile.path);
  const desired = await collectDesired(root, raw);
  for (const point of takenPoints(desired, deployed, site.restorePoints)) {
    const path = pointFilePath(root, site.restorePointsDir, name, point.name);
    const takenAt = new Date().toISOString();
    recordMembers(path, point.members);
    completeTake(path, takenAt);
    reporter.info(
      `restore point ${point.name}: ${point.members.length} members, cut at ${takenAt}`,
    );
  }
}
