import { deepStrictEqual, equal, ok } from "node:assert/strict";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import { pendingSteps } from "../../../restorepoint/catalog/entries";
import { inventory, requireSame } from "../../restorepoint/verify/takeRestorePoint";
import type { PointLab } from "./pointLab";
import { requireReleased } from "./wholePoint";

/**
 * Ends `restore-point verify` with SIGKILL at a moment, runs it again, and looks that the point is proven and that
 * neither run has left anything.
 *
 * @param only `namespace/claim` of the one volume to look at; undefined: every member
 * @returns whether it was killed, or reached its end before the moment came
 */
export async function killAndVerify(
  lab: PointLab,
  name: string,
  moment: number,
  only?: string,
): Promise<boolean> {
  const before = await inventory(lab);
  const args = ["restore-point", "verify", name, ...(only === undefined ? [] : ["--only", only])];
  const killed = await lab.checkout.atom(args, { [KILL_VARIABLE]: String(moment) });
  ok(killed.status === null || killed.status === 0, killed.stderr);
  const { status, stdout, stderr } = await lab.checkout.atom(args);
  equal(status, 0, `after moment ${moment}: ${stderr}${stdout}`);
  await requireSame(lab, before);
  await requireReleased(lab);
  const point = await lab.point(name);
  ok(point !== undefined);
  deepStrictEqual(pendingSteps(point.journal.entries), []);
  const looked = point.verifications.filter(({ member }) => member === `volume ${only}`);
  ok(only === undefined || looked.at(-1)?.result === "proven");
  return killed.status === null;
}
