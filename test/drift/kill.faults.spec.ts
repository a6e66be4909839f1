import { equal } from "node:assert/strict";

import { LabSystems } from "../support/labSystems";
import { deployAndKill } from "./deployAndKill";
import { killedObjects, recover } from "./kills";

/** More moments than a deployment has: a run that reaches its end proves that all were tried. */
const LIMIT = 100;

describe("a deployment that is killed at every moment", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await LabSystems.up();
  });

  after(() => lab.down());

  it("goes on when it was the first one", async () => {
    let tried = 0;
    for (let moment = 1; moment < LIMIT; moment += 1) {
      const ending = await deployAndKill(lab.root, "first", moment);
      await recover(lab, "first");
      await lab.clear(killedObjects);
      if (ending === "done") {
        break;
      }
      tried = moment;
    }
    equal(tried, 16);
  });

  it("goes on when it replaced the class", async () => {
    let tried = 0;
    for (let moment = 1; moment < LIMIT; moment += 1) {
      await deployAndKill(lab.root, "first", 0);
      const ending = await deployAndKill(lab.root, "second", moment);
      await recover(lab, "second");
      await lab.clear(killedObjects);
      if (ending === "done") {
        break;
      }
      tried = moment;
    }
    equal(tried, 4);
  });

  it("goes on when it is killed again and again", async () => {
    let kills = 0;
    while (kills < LIMIT && (await deployAndKill(lab.root, "first", 4)) === "killed") {
      kills += 1;
    }
    await recover(lab, "first");
    // Each run is killed after its first step, so that four runs do the four steps.
    equal(kills, 4);
  });
});
