import { deepStrictEqual, equal, ok } from "node:assert/strict";

import { KILL_VARIABLE, VICTIM_VARIABLE } from "../../../clients/killPoints";
import { startTime } from "../../../clients/process";
import { pendingSteps } from "../../../restorepoint/catalog/entries";
import { pidsOf, up } from "../../lab/support/labs";
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

/** What is ended by SIGKILL: the command, or the API server under it, which is started again afterwards. */
export type Victim = "command" | "kube-apiserver";

/**
 * Runs a command, and ends it or the API server at a moment.
 *
 * @returns whether that was done, or the command reached its end before the moment came
 */
export async function killedAt(
  lab: PointLab,
  args: readonly string[],
  moment: number,
  victim: Victim,
): Promise<boolean> {
  const env = { [KILL_VARIABLE]: String(moment) };
  if (victim === "command") {
    const { status, stderr } = await lab.checkout.atom(args, env);
    ok(status === null || status === 0, `moment ${moment}: ${stderr}`);
    return status === null;
  }
  const [pid] = pidsOf(lab.root, lab.record)[victim] ?? [];
  ok(pid !== undefined, `${victim} does not run`);
  // Some moments are over before the server is missed; the others are told, and nothing else.
  const { status } = await lab.checkout.atom(args, { ...env, [VICTIM_VARIABLE]: String(pid) });
  ok(status === 0 || status === 1, `moment ${moment}: it exits ${status}`);
  const isKilled = startTime(pid) === undefined;
  await up(lab.root, ["cluster", "vcenter", "data"]);
  return isKilled;
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
  victim: Victim = "command",
): Promise<boolean> {
  const before = await inventory(lab);
  const volumes = await liveVolumes(lab);
  const back = ["rollback", name];
  const undo = ["rollback", name, "--undo"];
  if (way === "undo") {
    await lab.done(back);
  }
  const killed = await killedAt(lab, way === "undo" ? undo : back, moment, victim);
  const where = `after moment ${moment}`;
  const state = await rollbackState(lab, name);
  const isOver = state === undefined || state === "undone";
  // What is done would be done once more. Of one that was killed before it wrote anything, the lease alone is left, which
  // the next one takes over.
  if ((way === "on" && state !== "done") || (way === "back" && isOver)) {
    await again(lab, back, where);
  }
  if (way === "on") {
    deepStrictEqual(await rolledState(lab), then, where);
  }
  // An undo that was killed at its very end has left nothing to do.
  if (way !== "undo" || !isOver) {
    await again(lab, undo, where);
  }
  deepStrictEqual(await rolledState(lab), since, where);
  deepStrictEqual(await liveVolumes(lab), volumes, where);
  await lab.done(["rollback", name, "--purge"]);
  deepStrictEqual(await inventory(lab), before, where);
  await requireReleased(lab);
  const record = await lab.point(name);
  deepStrictEqual(pendingSteps(record?.journal.entries ?? []), [], where);
  return killed;
}

async function again(lab: PointLab, args: readonly string[], where: string): Promise<void> {
  const { status, stderr } = await lab.checkout.atom(args);
  equal(status, 0, `${where}: ./atom ${args.join(" ")}: ${stderr}`);
}

async function rollbackState(lab: PointLab, name: string): Promise<string | undefined> {
  return (await lab.point(name))?.rollbacks?.at(-1)?.state;
}

/** Takes a point of two volumes, which is enough to tell, and changes the product after it. */
async function rollbackCase(lab: PointLab, name: string): Promise<RollbackCase> {
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
