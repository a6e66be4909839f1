import { deepStrictEqual } from "node:assert/strict";

import { takenPoints, interruptedTakes } from "../../drift/takenMembers";
import { takenAt, deployedOf, desiredOf, member, point, recorded } from "./fixtures";
import { volume, volumeSnapshot } from "./volumeFixtures";

describe("points whose cut was interrupted", () => {
  const vm = member("a-1");
  const withVolumes = point({ volumes: [volume("data-0")] });

  it("are complete when all VMs are recorded, and they are of VMs alone", () => {
    const desired = desiredOf([vm, volumeSnapshot("data-0")]);
    const deployed = deployedOf([recorded(vm, "snapshot-7")]);
    deepStrictEqual(
      takenPoints(desired, deployed, [point()]).map(({ name }) => name),
      ["pre-24.1"],
    );
    deepStrictEqual(takenPoints(desired, deployed, [withVolumes]), []);
  });

  it("are for the command that made the product still where they hold volumes", () => {
    const points = [
      point(),
      withVolumes,
      { ...withVolumes, name: "ready", state: "ready" as const, takenAt },
      { ...withVolumes, name: "planned", state: "planned" as const },
    ];
    deepStrictEqual(
      interruptedTakes(points).map(({ name }) => name),
      ["pre-24.1"],
    );
  });
});
