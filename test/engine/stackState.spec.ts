import { deepStrictEqual, ok, throws } from "node:assert/strict";
import { stackState } from "../../engine/stackState";
import type { Deployment, StateDocument } from "../../engine/stateDocument";
import { parseState } from "../../engine/stateDocument";
import { classEntry, classInputs, classUrn, memberEntry, memberUrn, takenState } from "./observed";

function withDeployment(change: Partial<Deployment>): StateDocument {
  return { ...takenState, deployment: { ...takenState.deployment, ...change } };
}

describe("the engine's state", () => {
  it("tells what is recorded, without components and providers", () => {
    const { resources, pendingCreations } = stackState(takenState);
    deepStrictEqual(
      resources.map(({ urn, id, protect, retainOnDelete }) => [urn, id, protect, retainOnDelete]),
      [
        [classUrn, "atom-replicated", false, undefined],
        [memberUrn("atom-a-1"), "snapshot-93", true, true],
        [memberUrn("atom-a-2"), "snapshot-99", true, true],
      ],
    );
    deepStrictEqual(resources[0]?.inputs, classInputs);
    deepStrictEqual(pendingCreations, []);
  });

  it("is empty where the stack was never deployed", () => {
    deepStrictEqual(stackState(undefined), { resources: [], pendingCreations: [] });
  });

  it("tells which creations a killed run left pending, and no other operation", () => {
    const resource = memberEntry("atom-b-2", "");
    const pending = [
      { type: "creating", resource },
      { type: "updating", resource: classEntry },
    ];
    const { pendingCreations } = stackState(withDeployment({ pending_operations: pending }));
    deepStrictEqual(pendingCreations, [resource.urn]);
  });

  it("does not hand on secrets, not even encrypted", () => {
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "v1:cipher",
    };
    const entry = { ...classEntry, inputs: { parameters: [{ key: secret }] } };
    const { resources } = stackState(withDeployment({ resources: [entry] }));
    deepStrictEqual(resources[0]?.inputs, { parameters: [{ key: "[secret]" }] });
  });

  it("leaves out what the engine only reads or has still to remove", () => {
    const resources = [
      { ...classEntry, delete: true },
      { ...classEntry, external: true },
    ];
    deepStrictEqual(stackState(withDeployment({ resources })).resources, []);
  });

  it("is read in the layouts that are known, and no other is touched", () => {
    ok(parseState(JSON.stringify(takenState)).deployment.resources);
    throws(() => parseState(JSON.stringify({ ...takenState, version: 5 })), {
      name: "EngineFailure",
      message: /layout version 5; known are 3 and 4. Nothing was changed/,
    });
  });
});
