import { sampleFault } from "./support/createFaults";
import { onPointLab, type PointLab } from "./support/pointLab";
import { requireFault } from "./support/requireFault";

// One; all others are in createFaults.faults.spec.ts.
describe("restore-point create, whole or not at all", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  it(`meets ${sampleFault.title}`, () => requireFault(lab, sampleFault, "fault"));
});
