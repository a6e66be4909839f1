import { deepStrictEqual, equal, ok } from "node:assert/strict";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import { pendingSteps } from "../../../restorepoint/catalog/entries";
import { inventory } from "../../restorepoint/verify/takeRestorePoint";
import { sharedPointLab, type PointLab } from "./pointLab";
import {
  damage,
  inventoryMap,
  liveVolumes,
  resetProduct,
  rolledState,
  type RolledState,
} from "./rolledState";
import { requireReleased } from "./wholePoint";

/** A point with what the product was then, and what it has been since. */
export interface RollbackCase {
  readonly name: string;
  readonly then: RolledState;
  readonly since: RolledState;
}

/**
 * Ends a rollback with SIGKILL at a moment, and then goes on or back; looks that all is as at the point or as before, that
 * nothing is left, and ends as it began.
 *
 * @param way what is run after the kill; `undo` also kills an undo of a rollback that is done at the moment
 * @returns whether it was killed, or reached its end before the moment came
 */
export async function killAndRoll(
  lab: PointLab,
  { name, then, since }: RollbackCase,
  moment: number,
  way: "on" | "back" | "undo",
): Promise<boolean> {
  const before = await inventory(lab);
  const volumes = await liveVolumes(lab);
  const back = ["rollback", name];
  const undo = ["rollback", name, "--undo"];
  if (way === "undo") {
    await lab.done(back);
  }
  const env = { [KILL_VARIABLE]: String(moment) };
  const killed = await lab.checkout.atom(way === "undo" ? undo : back, env);
  ok(killed.status === null || killed.status === 0, killed.stderr);
  const where = `after moment ${moment}`;
  if (way === "on") {
    await again(lab, back, where);
    deepStrictEqual(await rolledState(lab), then, where);
  }
  // One that was killed at its very beginning or end has left nothing to do.
  if (![undefined, "undone"].includes(await rollbackState(lab, name))) {
    await again(lab, undo, where);
  }
  deepStrictEqual(await rolledState(lab), since, where);
  deepStrictEqual(await liveVolumes(lab), volumes, where);
  await lab.done(["rollback", name, "--purge"]);
  deepStrictEqual(await inventory(lab), before, where);
  await requireReleased(lab);
  const record = await lab.point(name);
  deepStrictEqual(pendingSteps(record?.journal.entries ?? []), [], where);
  return killed.status === null;
}

async function again(lab: PointLab, args: readonly string[], where: string): Promise<void> {
  const { status, stderr } = await lab.checkout.atom(args);
  equal(status, 0, `${where}: ./atom ${args.join(" ")}: ${stderr}`);
}

async function rollbackState(lab: PointLab, name: string): Promise<string | undefined> {
  return (await lab.point(name))?.rollbacks?.at(-1)?.state;
}

/** Takes a point of two volumes, which is enough to tell, and changes the product after it. */
export async function rollbackCase(lab: PointLab, name: string): Promise<RollbackCase> {
  equal((await lab.create(name, { consistency: "crash" })).status, 0);
  const then = await rolledState(lab);
  await damage(lab, `since-${name}`, "inventory");
  await lab.cluster.modify(inventoryMap, "test", (live) => ({ ...live, data: { since: name } }));
  return { name, then, since: await rolledState(lab) };
}

/** A shared lab with one workload's volumes and a point to roll back to, for the tests of one `describe`. */
export function sharedRollbackCase(
  name: string,
  use: (lab: PointLab, one: RollbackCase) => void,
): void {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    lab.narrow("inventory");
    use(lab, await rollbackCase(lab, name));
  });

  after(async () => {
    lab.narrow("all");
    await lab.remove(name);
    await resetProduct(lab);
  });
}
