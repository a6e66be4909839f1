import { atEveryMoment } from "./support/everyMoment";
import { killAndRoll, sharedRollbackCase, type RollbackCase } from "./support/killRollback";
import type { PointLab } from "./support/pointLab";

for (const victim of ["command", "kube-apiserver"] as const) {
  describe(`rollback whose ${victim} is killed at every moment`, () => {
    let lab: PointLab;
    let one: RollbackCase;

    sharedRollbackCase("rolled", (shared, rolled) => {
      lab = shared;
      one = rolled;
    });

    for (const [way, title] of [
      ["on", "goes on to the point, and back again"],
      ["back", "goes back to before"],
      ["undo", "goes on with the undo"],
    ] as const) {
      it(title, () => atEveryMoment((moment) => killAndRoll(lab, one, moment, way, victim)));
    }
  });
}
