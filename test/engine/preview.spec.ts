import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { liveSteps, parsePreview } from "../../engine/preview";
import {
  classType,
  classUrn,
  notFoundDigest,
  replaceDigest,
  storageUrn,
  unchangedDigest,
  vsphereUrn,
} from "./observed";

describe("a preview of the engine", () => {
  it("tells what would happen to which field, a refresh apart from it", () => {
    const { steps, warnings } = parsePreview(replaceDigest, "");
    deepStrictEqual(steps, [
      {
        op: "update",
        urn: storageUrn,
        type: "atom:backup:ReplicatedStorage",
        name: "storage",
        changes: [],
      },
      {
        op: "replace",
        urn: classUrn,
        type: classType,
        name: "storage-atom-replicated",
        changes: [
          { path: "allowVolumeExpansion", from: false, to: true },
          { path: "parameters.replicas", from: "2", to: "3" },
        ],
      },
    ]);
    deepStrictEqual(warnings, [], "a plugin on PATH is worth no warning");
  });

  it("has no steps where all is as declared", () => {
    deepStrictEqual(parsePreview(unchangedDigest, "").steps, []);
  });

  it("counts the parts of a replacement as one step, the last one seen", () => {
    const parts = ["create-replacement", "replace", "delete-replaced"];
    const steps = (ops: readonly string[]) =>
      parsePreview(JSON.stringify({ steps: ops.map((op) => ({ op, urn: classUrn })) }), "").steps;
    strictEqual(steps(parts).length, 1);
    deepStrictEqual(
      ["create", "update", "delete", "import", "delete-replaced"].map((op) => steps([op])[0]?.op),
      ["create", "update", "delete", "import", "other"],
    );
  });

  it("keeps the engine's errors", () => {
    const { errors } = parsePreview(notFoundDigest, "");
    strictEqual(errors.length, 2);
    ok(errors[0]?.startsWith("pre-24.1-vm-atom-a-2: error:"));
    ok(errors[0]?.includes('snapshot "snapshot-99" not found'));
    strictEqual(errors[1], "error: preview failed");
  });

  it("fails with what the CLI said when there is no document", () => {
    throws(() => parsePreview("", "error: no such flag"), {
      name: "EngineFailure",
      message: /no such flag/,
    });
  });

  it("reaches live objects by them and by changed providers, not by components and first entries", () => {
    deepStrictEqual(
      liveSteps(parsePreview(replaceDigest, "")).map(({ urn }) => urn),
      [classUrn],
    );
    const provider = (op: string) =>
      liveSteps(parsePreview(JSON.stringify({ steps: [{ op, urn: vsphereUrn }] }), ""));
    strictEqual(provider("update").length, 1);
    strictEqual(provider("create").length, 0);
  });
});
