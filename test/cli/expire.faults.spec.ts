import { equal } from "node:assert/strict";

import { expireAndKill, requireRemoved } from "./support/expiry";
import { sharedPointLab, type PointLab } from "./support/pointLab";

describe("restore-point expire that is killed at every moment", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
  });

  for (const group of ["never", "auto"] as const) {
    it(`goes on, with group ${group}`, async () => {
      lab.group(group);
      let moment = 1;
      for (let killed = true; killed; moment += 1) {
        for (const name of ["old", "new"]) {
          const run = await lab.create(name, { consistency: "crash" });
          equal(run.status, 0, run.stderr);
        }
        const run = await expireAndKill(lab, "old", moment);
        killed = run.status === null;
        const { status, stderr } = await expireAndKill(lab, "old", 0);
        equal(status, 0, `after moment ${moment}: ${stderr}`);
        await requireRemoved(lab, "old", "new");
        await lab.remove("old");
        await lab.remove("new");
      }
      process.stderr.write(`expire, group ${group}: killed at ${moment - 2} moments\n`);
    });
  }
});
