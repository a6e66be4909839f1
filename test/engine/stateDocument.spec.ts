import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { deployedState, parseState } from "../../engine/stateDocument";
import { classEntry, classInputs, classUrn, takenState, memberUrn } from "./observed";

describe("the engine's state", () => {
  it("tells what was deployed, without components and providers", () => {
    const { way, resources } = deployedState(takenState);
    strictEqual(way, "pulumi");
    deepStrictEqual(
      resources.map(({ urn, id, protect, retainOnDelete }) => [urn, id, protect, retainOnDelete]),
      [
        [classUrn, "atom-replicated", false, undefined],
        [memberUrn("atom-a-1"), "snapshot-93", true, true],
        [memberUrn("atom-a-2"), "snapshot-99", true, true],
      ],
    );
    deepStrictEqual(resources[0]?.inputs, classInputs);
  });

  it("does not hand on secrets, not even encrypted", () => {
    const secret = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "v1:cipher",
    };
    const entry = { ...classEntry, inputs: { parameters: [{ key: secret }] } };
    const deployment = { ...takenState.deployment, resources: [entry] };
    deepStrictEqual(deployedState({ ...takenState, deployment }).resources[0]?.inputs, {
      parameters: [{ key: "[secret]" }],
    });
  });

  it("leaves out what the engine only reads or has still to remove", () => {
    const resources = [
      { ...classEntry, delete: true },
      { ...classEntry, external: true },
    ];
    const deployment = { ...takenState.deployment, resources };
    deepStrictEqual(deployedState({ ...takenState, deployment }).resources, []);
  });

  it("is read in the layouts that are known, and no other is touched", () => {
    ok(parseState(JSON.stringify(takenState)).deployment.resources);
    throws(
      () => parseState(JSON.stringify({ ...takenState, version: 5 })),
      /layout version 5; known are 3 and 4. Nothing was changed/,
    );
  });
});
