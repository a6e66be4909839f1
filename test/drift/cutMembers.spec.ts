import { deepStrictEqual } from "node:assert/strict";

import { cutPoints, interruptedCuts } from "../../drift/cutMembers";
import { cutAt, deployedOf, desiredOf, member, point, recorded } from "./fixtures";
import { volume, volumeSnapshot } from "./volumeFixtures";

describe("points whose cut was interrupted", () => {
  const machine = member("a-1");
  const withVolumes = point({ volumes: [volume("data-0")] });

  it("are complete when all VMs are recorded, and they are of VMs alone", () => {
    const desired = desiredOf([machine, volumeSnapshot("data-0")]);
    const deployed = deployedOf([recorded(machine, "snapshot-7")]);
    deepStrictEqual(
      cutPoints(desired, deployed, [point()]).map(({ name }) => name),
      ["pre-24.1"],
    );
    deepStrictEqual(cutPoints(desired, deployed, [withVolumes]), []);
  });

  it("are for the command that made the product still where they hold volumes", () => {
    const points = [
      point(),
      withVolumes,
      { ...withVolumes, name: "ready", state: "ready" as const, cutAt },
      { ...withVolumes, name: "planned", state: "planned" as const },
    ];
    deepStrictEqual(
      interruptedCuts(points).map(({ name }) => name),
      ["pre-24.1"],
    );
  });
});
