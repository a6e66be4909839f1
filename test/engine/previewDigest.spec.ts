import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { parsePreview, samePreview } from "../../engine/preview";
import { describeEngineStep, unconfirmed } from "../../engine/previewLines";
import type { Step } from "../../drift/types";
import {
  classType,
  classUrn,
  notFoundDigest,
  replaceDigest,
  storageUrn,
  unchangedDigest,
  vsphereUrn,
} from "./observed";

function planned(kind: Step["kind"], urn: string): Step {
  const text = { object: "", reason: "", command: undefined, id: undefined };
  return { kind, urn, type: classType, changes: [], ...text };
}

describe("a preview of the engine", () => {
  it("tells what would happen to which field, a refresh apart from it", () => {
    const { steps, warnings } = parsePreview(replaceDigest, "");
    deepStrictEqual(
      steps.map(({ op, urn, changes }) => ({ op, urn, changes })),
      [
        { op: "update", urn: storageUrn, changes: [] },
        {
          op: "replace",
          urn: classUrn,
          changes: [
            { path: "allowVolumeExpansion", from: false, to: true },
            { path: "parameters.replicas", from: "2", to: "3" },
          ],
        },
      ],
    );
    deepStrictEqual(warnings, [], "a plugin on PATH is worth no warning");
  });

  it("has no steps where all is as declared", () => {
    deepStrictEqual(parsePreview(unchangedDigest, "").steps, []);
  });

  it("keeps the engine's errors", () => {
    const { errors } = parsePreview(notFoundDigest, "");
    strictEqual(errors.length, 2);
    ok(errors[0]?.startsWith("pre-24.1-vm-atom-a-2: error:"));
    ok(errors[0]?.includes('snapshot "snapshot-99" not found'));
    strictEqual(errors[1], "error: preview failed");
  });

  it("fails with what the CLI said when there is no document", () => {
    throws(() => parsePreview("", "error: no such flag"), /no such flag/);
  });

  it("is the same as another one whatever the order, and not with another value", () => {
    const preview = parsePreview(replaceDigest, "");
    const reversed = { ...preview, steps: [...preview.steps].reverse() };
    ok(samePreview(preview, reversed));
    const other = parsePreview(replaceDigest.replace('"replicas":"3"', '"replicas":"4"'), "");
    ok(!samePreview(preview, other));
  });
});

describe("what the engine would do beyond the planned steps", () => {
  const preview = parsePreview(replaceDigest, "");

  it("is nothing where every object has its step; components do not count", () => {
    deepStrictEqual(unconfirmed(preview, [planned("replace", classUrn)]), []);
  });

  it("is a change of an object that the plan takes for unchanged", () => {
    const [step] = unconfirmed(preview, [planned("same", classUrn)]);
    ok(step !== undefined);
    strictEqual(
      describeEngineStep(step),
      'replace StorageClass storage-atom-replicated: allowVolumeExpansion false -> true, parameters.replicas "2" -> "3"',
    );
  });

  it("is a changed provider, but not a provider's first entry", () => {
    const provider = (op: string): string =>
      JSON.stringify({ steps: [{ op, urn: vsphereUrn, detailedDiff: null }] });
    const changed = unconfirmed(parsePreview(provider("update"), ""), []);
    deepStrictEqual(changed.map(describeEngineStep), ["update provider vsphere"]);
    strictEqual(unconfirmed(parsePreview(provider("create"), ""), []).length, 0);
  });
});
