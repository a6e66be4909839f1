import { deepStrictEqual } from "node:assert/strict";
import { planRepair } from "../../engine/repairPlan";
import { step } from "./desired";
import { classUrn, takenState, memberUrn, providersOnly } from "./observed";

const first = memberUrn("atom-a-1");

describe("what the steps ask of the engine's state", () => {
  it("is nothing while state and live systems agree", () => {
    const steps = [step("same", classUrn, "atom-replicated"), step("same", first, "snapshot-93")];
    deepStrictEqual(planRepair(takenState, steps), { drop: [], adopt: [] });
  });

  it("drops a lost member, which the provider could not refresh", () => {
    const steps = [step("forget", first, "snapshot-93")];
    deepStrictEqual(planRepair(takenState, steps), { drop: [first], adopt: [] });
  });

  it("adopts what a lost state lacks, as declared or not", () => {
    const steps = [
      step("replace", classUrn, "atom-replicated"),
      step("adopt", first, "snapshot-93"),
      step("create", memberUrn("atom-a-2")),
    ];
    deepStrictEqual(planRepair(providersOnly, steps), {
      drop: [],
      adopt: [
        { urn: classUrn, id: "atom-replicated" },
        { urn: first, id: "snapshot-93" },
      ],
    });
  });

  it("leaves to the engine what it has an entry of, and what is to be made", () => {
    const steps = [
      step("update", classUrn, "atom-replicated"),
      step("delete", memberUrn("atom-a-2"), "snapshot-99"),
      step("create", classUrn),
    ];
    deepStrictEqual(planRepair(takenState, steps), { drop: [], adopt: [] });
  });

  it("drops the entry of a VM snapshot that is gone and cut anew, which the provider could not refresh", () => {
    const steps = [step("create", first), step("same", memberUrn("atom-a-2"), "snapshot-99")];
    deepStrictEqual(planRepair(takenState, steps), { drop: [first], adopt: [] });
  });

  it("replaces an entry whose id is another object's", () => {
    const steps = [step("adopt", first, "snapshot-120")];
    deepStrictEqual(planRepair(takenState, steps), {
      drop: [first],
      adopt: [{ urn: first, id: "snapshot-120" }],
    });
  });

  it("does not adopt a patch, which is set again without a record", () => {
    const patch = {
      ...step("adopt", classUrn, "default/settings"),
      type: "kubernetes:v1:ConfigMapPatch",
    };
    deepStrictEqual(planRepair(providersOnly, [patch]), { drop: [], adopt: [] });
  });
});
