import assert from "node:assert/strict";

import Ajv from "ajv";
import fc from "fast-check";

import type { JsonMap, JsonValue } from "../../config/rawConfiguration";
import { nearest } from "../../config/nearest";
import type { SchemaNode } from "../../config/schemaNode";
import { completed, shapeProblems } from "../../config/shape";
import { formats } from "../../planning/schema/forms";
import { pointFileSchema } from "../../planning/schema/pointFile";
import { siteSchema } from "../../planning/schema/site";
import { plannedPoint, withVms } from "./fixture";

/** A key that has a default may be absent. */
function validator(schema: SchemaNode): (document: JsonValue) => boolean {
  const ajv = new Ajv({ strict: true, useDefaults: true });
  ajv.addVocabulary(["unit", "form", "secret"]);
  Object.entries(formats).forEach(([name, accepts]) => ajv.addFormat(name, accepts));
  const validate = ajv.compile(schema);
  return (document) => validate(structuredClone(document));
}

/** Values of and around a node: mostly right, some just beyond a limit, some of another kind. */
function around(node: SchemaNode): fc.Arbitrary<JsonValue> {
  const other = fc.constantFrom<JsonValue>(null, true, 0, -1, 2.5, "", "x", "Ä b", [], {}, [1], {
    x: 1,
  });
  return fc.oneof({ weight: 1, arbitrary: other }, { weight: 9, arbitrary: of(node) });
}

function of(node: SchemaNode): fc.Arbitrary<JsonValue> {
  if (node.anyOf !== undefined) {
    return fc.oneof(...node.anyOf.map(around));
  }
  switch (node.type) {
    case "string":
      return fc.oneof(
        fc.constantFrom(...(node.enum ?? ["a", "a.b", "A_1", "x".repeat(64), "1.2.3", "a:70000"])),
        fc.constantFrom("42100000-0000-4000-8000-0000000000a1", "2031-01-01T00:00:00Z"),
        fc.stringMatching(new RegExp(node.pattern ?? "^.{0,5}$")),
      );
    case "integer":
      return fc.integer({ min: (node.minimum ?? 0) - 1, max: (node.maximum ?? 9) + 1 });
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(around(node.items ?? {}), { maxLength: 3 });
    case "object": {
      const known = Object.fromEntries(
        Object.entries(node.properties ?? {}).map(([key, child]) => [key, around(child)]),
      );
      return fc.record(
        { ...known, x: fc.constant(1) },
        { requiredKeys: [] },
      ) as fc.Arbitrary<JsonMap>;
    }
    default:
      return fc.constant(null);
  }
}

describe("the check of form", function () {
  this.timeout(60_000);

  for (const [name, schema, sound] of [
    ["a site", siteSchema, withVms],
    ["a restore point file", pointFileSchema, plannedPoint],
  ] as const) {
    it(`agrees with a JSON Schema validator on ${name}`, () => {
      const isValid = validator(schema);
      assert.ok(isValid(sound));
      const documents = fc.oneof(
        of(schema),
        // One key of a sound document changed, so that sound ones are among them.
        of(schema).map((some) => ({
          ...sound,
          ...Object.fromEntries(Object.entries(some as JsonMap).slice(0, 1)),
        })),
      );
      let sounds = 0;
      fc.assert(
        fc.property(documents, (document) => {
          const problems = shapeProblems(schema, document);
          assert.equal(problems.length === 0, isValid(document));
          sounds += problems.length === 0 ? 1 : 0;
        }),
        { numRuns: 150 },
      );
      assert.ok(sounds > 10, `only ${sounds} sound documents`);
    });

    it(`completes whatever stands in ${name} to something that planning can be asked with`, () => {
      fc.assert(
        fc.property(of(schema), (document) => {
          const values = completed(schema, document);
          // An empty text stands for one that was wrong, and a list may lack its first entry.
          const left = shapeProblems(schema, values).filter(
            ({ message }) => message !== "is empty",
          );
          assert.deepEqual(
            left.filter(({ value }) => value !== '""'),
            [],
          );
        }),
        { numRuns: 80 },
      );
    });
  }

  it("offers the nearest name for a slip, not for another word", () => {
    const names = ["lab", "linstor", "longhorn", "rook-ceph"];
    for (const [written, meant] of [
      ["lba", "lab"],
      ["LAB", "lab"],
      ["linstro", "linstor"],
      ["longhron", "longhorn"],
      ["ceph", "rook-ceph"],
      ["mayastor", undefined],
      ["x", undefined],
    ] as const) {
      assert.equal(nearest(written, names), meant, written);
    }
    assert.equal(nearest("x", []), undefined);
    assert.equal(nearest("b", ["a", "c"]), undefined);
  });

  it("takes no number that has no exact neighbour", () => {
    const [problem] = shapeProblems(siteSchema, { ...withVms, replicationFactor: 1e300 });
    assert.deepEqual(
      [problem?.path, problem?.value, problem?.allowed],
      ["replicationFactor", "1e+300", "Allowed: a whole number from 1 to 99"],
    );
  });

  it("reports the same of a document whose keys stand in another order", () => {
    const document = { z: 1, x: 1, topology: { sites: [{ name: "a b" }] }, backend: "lba" };
    const turned = Object.fromEntries(Object.entries(document).reverse());
    const problems = shapeProblems(siteSchema, document);
    assert.deepEqual(shapeProblems(siteSchema, turned), problems);
    assert.deepEqual(
      problems.map(({ path }) => path),
      ["product", "x", "z", "backend", "topology.sites[0].storageNodes", "topology.sites[0].name"],
    );
  });
});
