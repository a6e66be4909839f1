import { quickFaults } from "./support/createFaults";
import { onPointLab, type PointLab } from "./support/pointLab";
import { requireFault } from "./support/requireFault";

// The quick ones; all others are in createFaults.faults.spec.ts.
describe("restore-point create, whole or not at all", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  for (const [index, fault] of quickFaults.entries()) {
    it(`meets ${fault.title}`, () => requireFault(lab, fault, `fault-${index}`));
  }
});
