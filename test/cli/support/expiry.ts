import { deepStrictEqual, equal } from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { KILL_VARIABLE } from "../../../clients/killPoints";
import { storagePaths } from "../../../lab/dataPaths";
import { labPaths } from "../../../lab/paths";
import { isLiving, volumeMembers } from "../../../planning/pointMembers";
import { pendingSteps } from "../../../restorepoint/catalog/entries";
import type { AtomRun } from "./checkout";
import type { PointLab } from "./pointLab";
import { storedSnapshots } from "./wholePoint";

/** Removes a point in a process that ends itself at the numbered moment; 0: at none. */
export function expireAndKill(lab: PointLab, name: string, moment: number): Promise<AtomRun> {
  const env = { [KILL_VARIABLE]: String(moment) };
  return lab.checkout.atom(["restore-point", "expire", name], env);
}

/** Nothing of the removed point is anywhere but its record, and all of the other one is there. */
export async function requireRemoved(lab: PointLab, removed: string, kept: string): Promise<void> {
  const gone = await lab.point(removed);
  equal(gone?.state, "expired");
  equal(gone.members.some(isLiving), false);
  deepStrictEqual(pendingSteps(gone.journal.entries), []);
  const last = gone.journal.entries.at(-1);
  deepStrictEqual([last?.event, last?.detail.outcome], ["closed", "done"]);
  const there = volumeMembers((await lab.point(kept)) ?? { members: [] });
  deepStrictEqual(storedSnapshots(lab), there.map(({ handle }) => handle).sort());
  deepStrictEqual(
    (await lab.vmSnapshots()).map(({ reference }) => reference),
    [],
  );
  equal(existsSync(lab.fileOf(removed)), false);
  for (const member of gone.members.filter((one) => one.kind === "etcd")) {
    const { hosts } = storagePaths(labPaths(lab.root));
    equal(existsSync(join(hosts, member.node, member.file)), false, member.file);
  }
  const live = await lab.live();
  deepStrictEqual(live["Job"], []);
  deepStrictEqual(live["VolumeSnapshot"], there.map(({ snapshot }) => snapshot).sort());
  deepStrictEqual(live["VolumeSnapshotContent"], there.map(({ content }) => content).sort());
  const own = { namespace: "atom-backup" };
  const left = [
    ...(await lab.cluster.list("v1", "ConfigMap", own)),
    ...(await lab.cluster.list("v1", "Secret", own)),
  ].map(({ metadata }) => metadata.name);
  deepStrictEqual(
    left.filter((name) => name.startsWith(`${removed}-`)),
    [],
  );
}
