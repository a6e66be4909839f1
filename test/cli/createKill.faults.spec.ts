import { atEveryMoment } from "./support/everyMoment";
import { killAndGoOn } from "./support/killCreate";
import { onPointLab, type Taking, type PointLab } from "./support/pointLab";

const ways: readonly Taking[] = [
  { consistency: "crash", virtualMachines: "atom-a-1" },
  { consistency: "frozen", virtualMachines: "atom-a-1" },
  // The VMs of a stopped point have to be off.
  { consistency: "stopped" },
];

describe("restore-point create that is killed at every moment", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  it("goes on where it was giving up", async () => {
    lab.group("never");
    const refuse = { code: "InvalidArgument", message: "no pool" };
    const claim = "atom/data-telemetry-1";
    const faults = [{ method: "CreateSnapshot", claim, action: { refuse } }];
    await atEveryMoment((moment) => killAndGoOn(lab, { consistency: "stopped" }, moment, faults));
  });

  for (const group of ["auto", "never"] as const) {
    describe(group === "auto" ? "with groups" : "without groups", () => {
      before(() => lab.group(group));

      for (const how of ways) {
        it(`goes on, of consistency ${how.consistency}`, () =>
          atEveryMoment((moment) => killAndGoOn(lab, how, moment)));
      }
    });
  }
});
