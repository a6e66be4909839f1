import { otherFaults } from "./support/createFaults";
import { onPointLab, type PointLab } from "./support/pointLab";
import { requireFault } from "./support/requireFault";

describe("restore-point create, when something is wrong", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  for (const group of ["never", "auto"] as const) {
    describe(group === "never" ? "one by one" : "by groups", () => {
      before(() => lab.group(group));

      otherFaults
        .filter((fault) => fault.group === group)
        .forEach((fault, index) => {
          it(`meets ${fault.title}`, () => requireFault(lab, fault, `slow-${group}-${index}`));
        });
    });
  }
});
