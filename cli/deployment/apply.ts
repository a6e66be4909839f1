import { completeCut, pointFilePath, recordMember } from "../../config/pointFile";
import { cutPoints } from "../../operations/deploy/cutMembers";
import type { Step } from "../../operations/deploy/types";
import type { Reporter } from "../../operations/reporter";
import { openStack, type OpenStack } from "../stack";
import type { OpenAccess } from "./access";
import { writeConfirmed } from "./candidate";
import type { Deployer } from "./deployer";
import type { Review } from "./review";
import { collectDesired, readSituation } from "./situation";

/** Only reached where no VM is configured, so that no vCenter task runs. */
const defaultApiTimeoutMinutes = 60;

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
  const { root, raw, site, stackFile } = openStack(stack.name, []);
  const file = stackFile.path;
  const deployed = await deployer.load(file);
  const situation = await readSituation({ root, site, raw, deployed, access });
  const moved = movedSteps(reviewed.situation.steps, situation.steps);
  if (moved.length > 0) {
    throw new Error(
      `Between preview and apply something else changed ${moved.join(", ")}; nothing was applied. ` +
        "Run the command again and look at the new preview.",
    );
  }
  const { desired, steps } = situation;
  await deployer.apply({
    file,
    desired,
    steps,
    points: site.restorePoints,
    access,
    apiTimeoutMinutes: site.virtualMachines?.apiTimeoutMinutes ?? defaultApiTimeoutMinutes,
  });
  await settlePoints(stack.name, deployer, reporter);
}

/** Objects whose step is not the one that was confirmed. */
function movedSteps(confirmed: readonly Step[], again: readonly Step[]): string[] {
  const texts = new Map(confirmed.map((step) => [step.urn, JSON.stringify(step)]));
  const moved = again.filter((step) => texts.get(step.urn) !== JSON.stringify(step));
  const present = new Set(again.map(({ urn }) => urn));
  const gone = confirmed.filter(({ urn }) => !present.has(urn));
  return [...moved, ...gone].map(({ object }) => object);
}

/** Completes the files of points whose members are all there; the program's own hook did so for those it cut. */
async function settlePoints(name: string, deployer: Deployer, reporter: Reporter): Promise<void> {
  const { root, raw, site, stackFile } = openStack(name, []);
  const deployed = await deployer.load(stackFile.path);
  const desired = await collectDesired(root, raw);
  for (const point of cutPoints(desired, deployed, site.restorePoints)) {
    const path = pointFilePath(root, site.restorePointsDir, name, point.name);
    const cutAt = new Date().toISOString();
    for (const { node, uuid, handle } of point.members) {
      recordMember(path, { node, uuid, handle });
    }
    completeCut(path, cutAt);
    reporter.info(`restore point ${point.name}: ${point.members.length} members, cut at ${cutAt}`);
  }
}
