import { atEveryMoment } from "./support/everyMoment";
import { killAndVerify } from "./support/killVerify";
import { onPointLab, type PointLab } from "./support/pointLab";

describe("restore-point verify that is killed at every moment", () => {
  let lab: PointLab;

  onPointLab({}, async (shared) => {
    lab = shared;
    // Such a point holds a snapshot of etcd as well.
    await lab.take("looked-at", { consistency: "stopped" });
  });

  after(() => lab.remove("looked-at"));

  it("leaves nothing of one volume", () =>
    atEveryMoment((moment) => killAndVerify(lab, "looked-at", moment, "atom/data-orchestrator-0")));

  // Members are looked at side by side, so that a moment is another one in each run: a part of them tells as much.
  it("leaves nothing of a whole point with etcd, at every fifth moment", () =>
    atEveryMoment((moment) => killAndVerify(lab, "looked-at", moment), { step: 5 }));
});
