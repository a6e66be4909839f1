import { strictEqual } from "node:assert/strict";
import { valueAt } from "../../planning/valueAt";

const object = {
  metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["a", "b"] }] }],
};

describe("a path to a value", () => {
  it("leads through names, indices and quoted keys", () => {
    strictEqual(
      valueAt(object, 'metadata.annotations["storageclass.kubernetes.io/is-default-class"]'),
      "true",
    );
    strictEqual(valueAt(object, "allowedTopologies[0].matchLabelExpressions[0].values[1]"), "b");
  });

  it("leads nowhere where there is nothing", () => {
    strictEqual(valueAt(object, "allowedTopologies[1].key"), undefined);
    strictEqual(valueAt(undefined, "metadata"), undefined);
    strictEqual(valueAt(object, "metadata.name.first"), undefined);
  });
});
