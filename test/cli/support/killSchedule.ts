import { deepStrictEqual, equal } from "node:assert/strict";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import type { JsonMap } from "../../../config/rawConfiguration";
import { cyclePoint } from "../../../planning/windows";
import type { PointLab } from "./pointLab";
import { requireWhole } from "./wholePoint";

/**
 * Gives the lab a cycle whose window is open for a day since two minutes ago, and comes once a year.
 *
 * @returns the point that is due
 */
export function openCycle(lab: PointLab, cycle: JsonMap = {}): string {
  const start = new Date(Math.floor(Date.now() / 60_000 - 2) * 60_000);
  const [minute, hour] = [start.getUTCMinutes(), start.getUTCHours()];
  const cron = `${minute} ${hour} ${start.getUTCDate()} ${start.getUTCMonth() + 1} *`;
  lab.edit(
    ["windows"],
    [{ name: "day", cron, timeZone: "UTC", durationMinutes: 1440, owner: "Ada", change: "CHG-7" }],
  );
  lab.edit(["schedules"], [{ name: "daily", window: "day", ...cycle }]);
  return cyclePoint("daily", start);
}

export function closeCycle(lab: PointLab): void {
  lab.edit(["schedules"], []);
  lab.edit(["windows"], []);
}

/** Names of the points that the lab's cycle has taken. */
export async function cyclePoints(lab: PointLab): Promise<readonly string[]> {
  const { points } = await lab.catalog().list();
  return points.filter(({ record }) => record?.cycle?.name === "daily").map(({ point }) => point);
}

/**
 * Ends `schedule run --due` with SIGKILL at a moment, runs it again, and looks that there is one point, whole.
 *
 * @returns whether it was killed, or reached its end before the moment came
 */
export async function killRunDue(lab: PointLab, moment: number): Promise<boolean> {
  const point = openCycle(lab);
  lab.write(`before ${moment}`);
  const env = { [KILL_VARIABLE]: String(moment) };
  const killed = await lab.checkout.atom(["schedule", "run", "--due"], env);
  const takenBefore = (await lab.point(point))?.state === "ready";
  if (!takenBefore) {
    lab.write(`after ${moment}`);
  }
  const run = await lab.checkout.atom(["schedule", "run", "--due"]);
  equal(run.status, 0, `after moment ${moment}: ${run.stderr}`);
  deepStrictEqual(await cyclePoints(lab), [point]);
  if (takenBefore) {
    // Killed when all was done, it leaves its lease to the next command that needs it, which one with nothing to do is not.
    await lab.done(["restore-point", "verify", point, "--only", "atom/data-inventory-0"]);
  }
  const bytes = `${takenBefore ? "before" : "after"} ${moment}`;
  await requireWhole(lab, point, { consistency: "frozen" }, [bytes]);
  const again = await lab.checkout.atom(["schedule", "run", "--due"]);
  equal(again.status, 0, again.stderr);
  equal(again.stdout, "expiry: nothing\n");
  await lab.remove(point);
  return killed.status === null;
}
