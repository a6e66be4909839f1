import { atEveryMoment } from "./support/everyMoment";
import { closeCycle, killRunDue } from "./support/killSchedule";
import { onPointLab, type PointLab } from "./support/pointLab";

describe("schedule run --due that is killed at every moment", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  after(() => closeCycle(lab));

  it("goes on, to one result", () => atEveryMoment((moment) => killRunDue(lab, moment)));
});
