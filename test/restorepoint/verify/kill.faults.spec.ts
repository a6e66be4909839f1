import { equal } from "node:assert/strict";

import { sharedDataPlane } from "../../lab/support/dataPlane";
import { takenVolume, inventory, removeVolume, requireSame } from "./takeRestorePoint";
import { killAndRecover } from "./kills";

/** More moments than a verification of one volume has: a run that reaches its end proves that all were tried. */
const LIMIT = 40;

describe("a verification that is killed at every moment", () => {
  it("leaves nothing behind that the next one does not remove", async () => {
    const { systems, api } = await sharedDataPlane();
    const member = await takenVolume(systems, api, "killed-everywhere", "data-orchestrator-0");
    const before = await inventory(systems);
    let tried = 0;
    for (let moment = 1; moment < LIMIT; moment += 1) {
      const ending = await killAndRecover(systems, member, moment);
      await requireSame(systems, before);
      if (ending === "done") {
        break;
      }
      tried = moment;
    }
    await removeVolume(systems, api, member);
    equal(tried, 10);
  });
});
