import { equal } from "node:assert/strict";

import { pendingSteps } from "../../../restorepoint/catalog/entries";
import type { Taking, PointLab } from "./pointLab";
import { requireWhole } from "./wholePoint";

/** Of points so far: the engine's state still has the VM snapshots of those that were taken away by hand. */
let count = 0;

/**
 * Ends `restore-point create` with SIGKILL at a moment, runs it again, and looks that the point is whole, of one moment,
 * and alone. The volumes are written to in between unless the point was ready by then.
 *
 * @param faults of the driver until then: the run is killed while it gives up
 * @returns whether it was killed, or reached its end before the moment came
 */
export async function killAndGoOn(
  lab: PointLab,
  how: Taking,
  moment: number,
  faults: readonly object[] = [],
): Promise<boolean> {
  const name = `killed-${++count}-at-${moment}`;
  lab.write(`before ${name}`);
  lab.faults(faults);
  const killed = await lab.createAndKill(name, how, moment, faults.length === 0 ? 0 : 1);
  lab.faults([]);
  const left = await lab.point(name);
  const takenBefore = left?.state === "ready";
  if (!takenBefore) {
    lab.write(`after ${name}`);
  }
  const { status, stderr } = await lab.create(name, how);
  equal(status, 0, stderr);
  if (takenBefore && pendingSteps(left.journal.entries).length === 0) {
    // Killed when all was done, it leaves its lease and a journal without an end to the next that changes something.
    await lab.done(["restore-point", "hold", name]);
    await lab.done(["restore-point", "hold", name, "--off"]);
  }
  await requireWhole(lab, name, how, [`${takenBefore ? "before" : "after"} ${name}`]);
  await lab.remove(name);
  return killed;
}
