import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { pendingSteps } from "../../../restorepoint/catalog/entries";
import type { AtomRun } from "./checkout";
import type { CreateFault } from "./createFaults";
import type { PointLab } from "./pointLab";
import { requireRunning, requireWhole, storedSnapshots } from "./wholePoint";

/** Runs `create` while something is wrong, and once more when it is mended. */
export async function requireFault(lab: PointLab, fault: CreateFault, name: string): Promise<void> {
  try {
    await meet(lab, fault, name);
  } finally {
    await lab.remove(name);
  }
}

async function meet(lab: PointLab, fault: CreateFault, name: string): Promise<void> {
  const { before, during, says, how, stays = false } = fault;
  lab.write(`moment of ${name}`);
  const mends: (() => Promise<void>)[] = [];
  let running: Promise<AtomRun> | undefined;
  try {
    mends.push(...(before === undefined ? [] : [await before(lab)]));
    running = lab.create(name, how);
    if (during !== undefined) {
      await hasBegun(lab, name, running);
      mends.push(await during(lab));
    }
    const { status, stderr } = await running;
    equal(status, says === undefined ? 0 : 1, stderr);
    if (says !== undefined) {
      const wanted = says.replaceAll("NAME", name);
      ok(stderr.includes(wanted), `${wanted}\nis not in\n${stderr}`);
      await (stays ? requireRunning(lab) : requireNothing(lab, name));
    }
  } finally {
    for (const mend of mends.reverse()) {
      await mend();
    }
    // Whatever has failed meanwhile: nothing is looked at, or begun, while it works on.
    await running?.catch(() => undefined);
  }
  await lab.take(name, { ...how, timeout: 600 });
  await requireWhole(lab, name, how, [`moment of ${name}`]);
}

/** Waits for the moment at which the command has recorded the point. */
async function hasBegun(lab: PointLab, name: string, running: Promise<AtomRun>): Promise<void> {
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  running.then(end, end);
  while (!ended && (await lab.point(name)) === undefined) {
    await pause(5);
  }
}

/** Nothing was taken, or all of it is removed; the product runs, and nobody waits for anything. */
async function requireNothing(lab: PointLab, name: string): Promise<void> {
  deepStrictEqual(await lab.live(), {
    VolumeSnapshot: [],
    VolumeSnapshotContent: [],
    VolumeGroupSnapshot: [],
    VolumeGroupSnapshotContent: [],
    Job: [],
  });
  deepStrictEqual(storedSnapshots(lab), []);
  await requireRunning(lab);
  const point = await lab.point(name);
  if (point !== undefined) {
    equal(point.state, "failed");
    deepStrictEqual(point.members, []);
    deepStrictEqual(pendingSteps(point.journal.entries), []);
    equal(point.journal.entries.at(-1)?.event, "closed");
  }
}
