import assert from "node:assert/strict";

import Ajv from "ajv";
import fc from "fast-check";

import { complete } from "../../config/complete";
import { isDateTime } from "../../config/dateTime";
import type { JsonMap, JsonValue } from "../../config/rawConfiguration";
import { restorePointSchema, siteSchema } from "../../config/schema";
import type { MapNode, SchemaNode } from "../../config/schema/node";
import { nearest } from "../../config/nearest";
import { shapeProblems } from "../../config/shape";
import { plannedPoint, withVms, without } from "./fixture";

function validator(schema: MapNode): (document: JsonValue) => boolean {
  const ajv = new Ajv({ allErrors: true, strict: true });
  ajv.addVocabulary(["unit", "form", "secret"]);
  ajv.addFormat("date-time", isDateTime);
  return ajv.compile(schema);
}

/** Values of and around a node: mostly right, some just beyond a limit, some of another kind. */
function around(node: SchemaNode): fc.Arbitrary<JsonValue> {
  const other = fc.constantFrom<JsonValue>(null, true, 0, -1, 2.5, "", "x", "Ä b", [], {}, [1], {
    x: 1,
  });
  return fc.oneof({ weight: 1, arbitrary: other }, { weight: 9, arbitrary: of(node) });
}

function of(node: SchemaNode): fc.Arbitrary<JsonValue> {
  if ("anyOf" in node) {
    return fc.oneof(...node.anyOf.map(around));
  }
  switch (node.type) {
    case "string":
      return fc.oneof(
        fc.constantFrom(...(node.enum ?? ["a", "a.b", "A_1", "x".repeat(64), "1.2.3", "a:70000"])),
        fc.constantFrom("42100000-0000-4000-8000-0000000000a1", "2031-01-01T00:00:00Z"),
        fc.stringMatching(new RegExp(node.pattern ?? "^.{0,5}$", "u")),
      );
    case "integer":
      return fc.integer({ min: (node.minimum ?? 0) - 1, max: (node.maximum ?? 9) + 1 });
    case "boolean":
      return fc.boolean();
    case "array":
      return fc.array(around(node.items), { maxLength: 3 });
    case "object": {
      const known = Object.fromEntries(
        Object.entries(node.properties).map(([key, child]) => [key, around(child)]),
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
    ["a restore point", restorePointSchema, plannedPoint],
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
        { numRuns: 400 },
      );
      assert.ok(sounds > 10, `only ${sounds} sound documents`);
    });

    it(`completes whatever stands in ${name} to something of the right types`, () => {
      const kinds = withoutLimits(schema);
      fc.assert(
        fc.property(of(schema), (document) => {
          const completed = complete(schema, document);
          assert.deepEqual(shapeProblems(kinds as MapNode, without(completed, "x")), []);
        }),
        { numRuns: 200 },
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
    assert.deepEqual(problem, {
      path: "replicationFactor",
      value: "1e+300",
      message: "is not a whole number",
      allowed: "Allowed: a whole number of at least 1",
    });
  });

  it("reports in the order of the schema, then what is unknown, then what is absent", () => {
    const document = { z: 1, x: 1, topology: { sites: [{ name: "a b" }] }, backend: "lba" };
    const turned = Object.fromEntries(Object.entries(document).reverse());
    for (const one of [document, turned]) {
      assert.deepEqual(
        shapeProblems(siteSchema, one).map(({ path }) => path),
        [
          "backend",
          "topology.sites[0].name",
          "topology.sites[0].storageNodes",
          "x",
          "z",
          "product",
        ],
      );
    }
  });
});

/** The same types without limits: what every completed document has to have. */
function withoutLimits(node: SchemaNode): SchemaNode {
  if ("anyOf" in node) {
    return { ...node, anyOf: node.anyOf.map(withoutLimits) };
  }
  const { description } = node;
  switch (node.type) {
    case "string":
      return {
        description,
        type: "string",
        ...(node.enum === undefined ? {} : { enum: node.enum }),
      };
    case "integer":
      return { description, type: "integer" };
    case "array":
      return { description, type: "array", items: withoutLimits(node.items) };
    case "object":
      return {
        ...node,
        properties: Object.fromEntries(
          Object.entries(node.properties).map(([key, child]) => [key, withoutLimits(child)]),
        ),
      };
    default:
      return node;
  }
}
