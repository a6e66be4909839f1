import type { RestorePointFile } from "../../planning/site";
import type { OpenStack } from "../stack";

/**
 * Points whose cut was begun by `restore-point create` and not ended. A deployment that cut the rest of them would
 * know nothing of a product that is stopped or frozen, and would join snapshots of different moments.
 */
export function interruptedPoints(
  points: readonly RestorePointFile[],
): readonly RestorePointFile[] {
  return points.filter(
    ({ state, cutAt, volumes, consistency }) =>
      state === "cutting" &&
      cutAt === undefined &&
      (volumes.length > 0 || consistency === "frozen"),
  );
}

/** What to do about each. */
export function interruptedLines({
  name,
  isLab,
  site,
}: Pick<OpenStack, "name" | "isLab" | "site">): readonly string[] {
  const option = isLab ? "" : ` --stack ${name}`;
  return interruptedPoints(site.restorePoints).map(
    (point) =>
      `Restore point ${point.name} is being cut, or its cut was interrupted: ` +
      `./atom restore-point create ${point.name}${option} goes on with it, or clears it away.`,
  );
}
