import { deepStrictEqual } from "node:assert/strict";

import { sharedDeployedLab } from "./support/deployedLab";
import { lookAt, type TamperLab } from "./support/tamper";
import { tamperedDeployment, TAMPERINGS } from "./support/tamperings";

describe("the tamper matrix of drift", () => {
  let lab: TamperLab;

  before(async () => {
    lab = tamperedDeployment(await sharedDeployedLab());
  });

  it("is empty on an untouched lab, fifty times", async () => {
    for (let run = 1; run <= 50; run += 1) {
      const { status, findings } = await lookAt(lab);
      deepStrictEqual([findings, status], [[], 0], `run ${run}`);
    }
  });

  for (const { title, make, finds } of TAMPERINGS) {
    it(title, async () => {
      const undo = await make(lab);
      const { status, findings } = await lookAt(lab).finally(undo);
      const wanted = typeof finds === "function" ? finds(lab) : finds;
      // Some rows are changes that break no promise, and one hides what it would break.
      const isUnknown = wanted.some((one) => one.startsWith("unknown"));
      deepStrictEqual([findings, status], [wanted, isUnknown ? 1 : wanted.length > 0 ? 7 : 0]);
      deepStrictEqual((await lookAt(lab)).findings, [], "undone");
    });
  }
});
