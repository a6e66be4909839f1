import { equal } from "node:assert/strict";

import { atEveryMoment } from "./support/everyMoment";
import { killAndVerify } from "./support/killVerify";
import { sharedPointLab, type PointLab } from "./support/pointLab";

describe("restore-point verify that is killed at every moment", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    // Such a point holds a snapshot of etcd as well.
    const run = await lab.create("looked-at", { consistency: "stopped" });
    equal(run.status, 0, run.stderr);
  });

  after(() => lab.remove("looked-at"));

  it("leaves nothing of one volume", () =>
    atEveryMoment((moment) => killAndVerify(lab, "looked-at", moment, "atom/data-orchestrator-0")));

  // Members are looked at side by side, so that a moment is another one in each run: a part of them tells as much.
  it("leaves nothing of a whole point with etcd, at every fifth moment", () =>
    atEveryMoment((moment) => killAndVerify(lab, "looked-at", moment), { step: 5 }));
});
