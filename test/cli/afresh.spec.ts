import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { recordAfresh, textAfresh } from "../../cli/commands/restorePoint/afresh";
import { planSteps } from "../../drift/plan";
import {
  deployedOf,
  desiredOf,
  liveOf,
  vm,
  member,
  point,
  pointMember,
  recorded,
  storageClass,
} from "../drift/fixtures";

/** Recorded by a run whose clearing-up got to remove it, and did not get to forget it. */
const declared = member("a-1");
const interrupted = point({ members: [pointMember("a-1", "snapshot-7")] });
const desired = desiredOf([declared]);
const live = liveOf({ vms: [vm("a-1", [])] });
const deployed = deployedOf([recorded(declared, "snapshot-7")], "pulumi");

describe("the review of a point that an interrupted run left half removed", () => {
  it("would be stopped by what that run wrote down", () => {
    const steps = planSteps({ desired, deployed, live, points: [interrupted] });
    deepStrictEqual(
      steps.map(({ kind }) => kind),
      ["refuse"],
    );
  });

  it("goes by what is there", () => {
    const points = [{ ...interrupted, members: [] }];
    const afresh = recordAfresh(deployed, points, interrupted.name);
    const steps = planSteps({ desired, deployed: afresh, live, points });
    deepStrictEqual(
      steps.map(({ kind }) => kind),
      ["create"],
    );
  });

  it("leaves the record of everything else alone", () => {
    const others = [recorded(storageClass()), recorded(member("a-2", { point: "other" }), "s-1")];
    const all = { ...deployed, resources: [...others, ...deployed.resources] };
    const points = [interrupted, point({ name: "other" })];
    deepStrictEqual(recordAfresh(all, points, interrupted.name).resources, others);
  });

  it("takes the members out of the copy of the file, and nothing else", () => {
    const text =
      "# Before 24.2.\nname: a\nstate: taking\nmembers:\n  - kind: volume\n# Kept.\nvolumes: []\n";
    strictEqual(
      textAfresh({ name: "a", text }).text,
      "# Before 24.2.\nname: a\nstate: taking\n# Kept.\nvolumes: []\n",
    );
  });
});
