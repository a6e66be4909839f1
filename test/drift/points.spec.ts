import { deepStrictEqual } from "node:assert/strict";

import { takenPoints, interruptedTakes } from "../../drift/points";
import { desiredOf, member, point, recorded, stateOf } from "./fixtures";

describe("points whose taking was interrupted", () => {
  const vm = member("a-1");
  const withVolumes = point({ volumes: true });

  it("are complete when all VMs are recorded, and they are of VMs alone", () => {
    const desired = desiredOf([vm]);
    const state = stateOf([recorded(vm, "snapshot-7")]);
    deepStrictEqual(
      takenPoints(desired, state, [point()]).map(({ name }) => name),
      ["pre-24.1"],
    );
    deepStrictEqual(takenPoints(desired, state, [withVolumes]), []);
  });

  it("are for the command that takes volumes where they hold any", () => {
    const points = [
      point(),
      withVolumes,
      { ...withVolumes, name: "ready", state: "ready" as const },
      { ...withVolumes, name: "planned", state: "planned" as const },
    ];
    deepStrictEqual(
      interruptedTakes(points).map(({ name }) => name),
      ["pre-24.1"],
    );
  });
});
