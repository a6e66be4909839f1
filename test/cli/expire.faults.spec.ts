import { equal, ok } from "node:assert/strict";

import { atEveryMoment } from "./support/everyMoment";
import { expireAndKill, requireRemoved } from "./support/expiry";
import { onPointLab, type PointLab, type Taking } from "./support/pointLab";
import { requireReleased } from "./support/wholePoint";

const ways: readonly (readonly ["never" | "auto", string, Taking])[] = [
  ["never", "volumes", { consistency: "crash" }],
  ["auto", "groups of volumes", { consistency: "crash" }],
  ["never", "volumes and a snapshot of etcd", { consistency: "stopped" }],
  ["never", "volumes and a VM snapshot", { consistency: "crash", virtualMachines: "atom-a-1" }],
];

describe("restore-point expire that is killed at every moment", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  for (const [group, what, how] of ways) {
    it(`goes on with ${what}`, async () => {
      lab.group(group);
      await atEveryMoment((moment) => killAndExpire(moment, how));
    });
  }

  /** @returns whether it was killed, or reached its end before the moment came */
  async function killAndExpire(moment: number, how: Taking): Promise<boolean> {
    for (const [name, taking] of [
      ["old", how],
      ["new", { consistency: "crash" }],
    ] as const) {
      await lab.take(name, taking);
    }
    const killed = await expireAndKill(lab, "old", moment);
    ok(killed.status === null || killed.status === 0, killed.stderr);
    const done = (await lab.point("old"))?.journal.entries.at(-1)?.detail.outcome === "done";
    const { status, stderr } = await expireAndKill(lab, "old", 0);
    equal(status, 0, `after moment ${moment}: ${stderr}`);
    await requireRemoved(lab, "old", "new");
    // A run that was killed when all was done leaves its lease, which the next that changes something takes over.
    if (killed.status !== null || !done) {
      await requireReleased(lab);
    }
    await lab.remove("old");
    await lab.remove("new");
    return killed.status === null;
  }
});
