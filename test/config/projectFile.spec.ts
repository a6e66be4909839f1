import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { projectDefaults } from "../../config/engineConfiguration";
import { projectName, projectRoot, stackFolder } from "../../config/projectRoot";
import type { SchemaNode } from "../../config/schemaNode";
import { pointFileSchema } from "../../planning/schema/pointFile";
import { siteSchema } from "../../planning/schema/site";

interface ProjectFile {
  readonly name: string;
  readonly runtime: { readonly name: string; readonly options: Record<string, unknown> };
  readonly stackConfigDir: string;
  readonly backend: { readonly url: string };
  readonly config: Record<string, Record<string, unknown>>;
}

const root = projectRoot();
const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as ProjectFile;

function isConstantScalar(node: SchemaNode): boolean {
  return node.default !== undefined && typeof node.default !== "object";
}

describe("Pulumi.yaml", () => {
  it("has the name and the folder that the program reads", () => {
    assert.equal(project.name, projectName);
    assert.equal(project.stackConfigDir, stackFolder);
    assert.equal(project.backend.url, "file://./.pulumi-state?metadata=skip");
  });

  it("runs the program with its own compiler settings, which exist", () => {
    assert.deepEqual(project.runtime, {
      name: "nodejs",
      options: { typescript: true, tsconfig: "tsconfig.program.json" },
    });
    assert.ok(existsSync(join(root, "tsconfig.program.json")));
  });

  it("switches default providers off", () => {
    assert.deepEqual(project.config["pulumi:disable-default-providers"], { value: ["*"] });
  });

  it("declares backend and every scalar key with a default, typed as the schema has it", () => {
    const own = Object.entries(project.config).filter(([key]) => !key.includes(":"));
    const expected = Object.entries(siteSchema.properties)
      .filter(([key, node]) => key === "backend" || isConstantScalar(node))
      .map(([key, node]) => [key, (node as SchemaNode).type, (node as SchemaNode).default]);
    assert.deepEqual(
      own.map(([key, declared]) => [key, declared["type"], declared["default"]]),
      expected,
    );
    assert.deepEqual(
      own.filter(([, declared]) => typeof declared["description"] !== "string"),
      [],
    );
  });

  it("has the defaults that the commands take for absent keys", () => {
    assert.deepEqual(projectDefaults(), {
      replicationFactor: 2,
      failover: "automatic",
      restorePointsDir: "stacks/restore-points",
      catalogDir: ".pulumi-state/catalog",
    });
  });
});

describe("the schema", () => {
  it("describes every key and leaves no map open that has known keys", () => {
    const gaps: string[] = [];
    const visit = (node: SchemaNode, path: string): void => {
      const { description = "", anyOf = [], items, properties = {} } = node;
      if (!/^[A-Z`].*\.$/s.test(description)) {
        gaps.push(`${path}: ${description}`);
      }
      anyOf.forEach((one, position) => visit(one, `${path}|${position}`));
      if (items !== undefined) {
        visit(items, `${path}[]`);
      }
      const known = Object.entries(properties);
      if (node.type === "object" && known.length > 0 !== (node.additionalProperties === false)) {
        gaps.push(`${path}: open`);
      }
      known.forEach(([key, child]) => visit(child, `${path}.${key}`));
      if ("pattern" in node && node.form === undefined) {
        gaps.push(`${path}: pattern without words`);
      }
    };
    visit(siteSchema, "site");
    visit(pointFileSchema, "point");
    assert.deepEqual(gaps, []);
  });
});
