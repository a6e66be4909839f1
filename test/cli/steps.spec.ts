import assert from "node:assert/strict";
import { countLine, lostLines, printSteps } from "../../cli/print/steps";
import type { LostMember, Step, StepKind } from "../../drift/types";

function step(kind: StepKind, changes: Partial<Step> = {}): Step {
  return {
    kind,
    urn: `urn:${kind}`,
    type: "kubernetes:storage.k8s.io/v1:StorageClass",
    object: "StorageClass atom-replicated",
    changes: [],
    reason: "it is declared and is not there",
    command: undefined,
    id: undefined,
    ...changes,
  };
}

describe("printed steps", () => {
  it("show each changed field, the reason and the command, and leave unchanged objects out", () => {
    const lines = printSteps([
      step("same"),
      step("replace", {
        changes: [{ path: "parameters.replicas", from: "2", to: "3" }],
        reason: "parameters are immutable",
        command: "./atom up",
      }),
    ]);
    assert.deepEqual(lines, [
      "± replace StorageClass atom-replicated",
      '      parameters.replicas: "2" -> "3"',
      "      parameters are immutable",
      "      run: ./atom up",
      "1 replace, 1 unchanged",
    ]);
  });

  it("call an absent value none, and keep false, zero and empty text apart from it", () => {
    const lines = printSteps([
      step("update", {
        changes: [
          { path: "a", from: undefined, to: false },
          { path: "b", from: 0, to: "" },
        ],
      }),
    ]);
    assert.deepEqual(lines.slice(1, 3), ["      a: (none) -> false", '      b: 0 -> ""']);
  });

  it("count every kind, unchanged last", () => {
    const kinds: StepKind[] = ["same", "create", "create", "refuse", "unknown", "differs"];
    assert.equal(
      countLine(kinds.map((kind) => step(kind))),
      "2 create, 1 refused, 1 differs, 1 cannot tell, 1 unchanged",
    );
    assert.equal(countLine([]), "nothing is declared");
  });

  it("name point and member of what will be marked lost", () => {
    const vm: LostMember = {
      kind: "virtualMachine",
      point: "pre-24.1",
      key: "vm atom-a-1",
      node: "atom-a-1",
      uuid: "4221a701-0000-4000-8000-00000000000a",
      handle: "snapshot-7",
    };
    const volume: LostMember = {
      kind: "volume",
      point: "pre-24.1",
      key: "volume atom/data-inventory-0",
      namespace: "atom",
      claim: "data-inventory-0",
      handle: "lab-snap-1",
    };
    const why =
      "is gone and will be marked LOST; it is not cut again, because it would hold another state under the old name";
    assert.deepEqual(lostLines([vm, volume]), [
      `! restore point pre-24.1: the VM snapshot of atom-a-1 ${why}`,
      `! restore point pre-24.1: the snapshot of claim atom/data-inventory-0 ${why}`,
    ]);
  });
});
