import assert from "node:assert/strict";

import type { Step } from "../../../drift/types";
import { planRemoval } from "../../../engine/removal";
import { repairState } from "../../../engine/repairState";
import type { StateDocument, StateEntry } from "../../../engine/stateDocument";

const entry = (name: string, more: Partial<StateEntry> = {}): StateEntry => ({
  urn: `urn:pulumi:oslo::atom-backup::${name}`,
  custom: true,
  type: "kubernetes:storage.k8s.io/v1:StorageClass",
  id: name,
  ...more,
});

const provider = entry("kubernetes", { type: "pulumi:providers:kubernetes" });
const component = entry("storage", { custom: false, type: "atom:backup:ReplicatedStorage" });
const kept = entry("point-vm-a", { protect: true, parent: component.urn });
const gone = entry("class", { parent: component.urn, dependencies: [kept.urn] });

const state: StateDocument = {
  version: 4,
  deployment: {
    manifest: {},
    resources: [provider, component, kept, gone],
    pending_operations: [{ type: "creating", resource: gone }],
  },
};

const step = (kind: Step["kind"], { urn, type }: StateEntry): Step => ({
  kind,
  urn,
  type,
  object: urn,
  changes: [],
  reason: "",
  command: undefined,
  id: undefined,
});

describe("the engine's state before it is destroyed", () => {
  it("no longer holds what stays, and still what goes", () => {
    const repair = planRemoval(state, [step("forget", kept), step("delete", gone)]);
    const { resources, pending_operations: pending } = repairState(state, repair).deployment;
    assert.deepEqual(resources, [provider, component, { ...gone, dependencies: [] }]);
    assert.deepEqual(pending, []);
  });

  it("is not touched when it holds what was not confirmed, however it came there", () => {
    assert.throws(() => planRemoval(state, [step("delete", gone)]), {
      name: "EngineFailure",
      message:
        "The stack's state holds urn:pulumi:oslo::atom-backup::point-vm-a, whose removal was not confirmed. " +
        "Nothing was changed; run the command again.",
    });
    assert.throws(() => planRemoval(state, [step("refuse", kept), step("delete", gone)]));
  });

  it("may have lost what the steps name already", () => {
    const steps = [step("forget", kept), step("delete", gone), step("forget", entry("other"))];
    assert.deepEqual(planRemoval(state, steps).drop, [kept.urn]);
  });
});
