import assert from "node:assert/strict";

import Ajv from "ajv";

import { pointEditorSchema, stackFileSchema } from "../../docs/editorSchema";
import { projectRoot } from "../../config/projectRoot";
import { configurationPage } from "../../docs/configurationReference";
import { stackFilePath, stackNames } from "../../config/stackNames";
import { readYaml } from "../../config/yamlText";
import { pointFileSchema } from "../../planning/schema/pointFile";
import { siteSchema } from "../../planning/schema/site";
import { readFileSync } from "node:fs";
import { generatedDocuments, staleDocuments } from "../../docs/generate";

describe("the generated reference", () => {
  it("is what the code says; else run: npm run build && node dist/docs/generate.js", () => {
    assert.ok(generatedDocuments().length >= 3);
    assert.deepEqual(
      staleDocuments(projectRoot()).map(({ path }) => path),
      [],
    );
  });

  it("has a row for every key, with form and default", () => {
    const page = configurationPage(siteSchema, pointFileSchema, [
      {
        id: "demo",
        title: "Demo",
        options: {
          pool: { type: "string", description: "The pool.", required: true },
          spread: { type: "strings", description: "A | B.", allowed: ["x", "y"], default: "x" },
        },
        classOptions: {},
      },
    ]).split("\n");
    for (const row of [
      "| `virtualMachines.nodes[].role` | `controlPlane`, `storage`, `worker`, `converged` | required | `storage` holds replicas, `worker` does not, `controlPlane` runs etcd, `converged` runs etcd and holds replicas. Restore points of `all` leave `controlPlane` VMs out. |",
      "| `virtualMachines.maxAgeHours` | a whole number from 1 to 8760 (hours) | `72` | Age at which a VM snapshot ends. VMware advises 72 hours at most. |",
      "| `backendOptions.pool` | text | required | The pool. |",
      "| `backendOptions.spread` | list of: `x`, `y` | x | A \\| B. |",
      "| `vms[].lost` | an RFC 3339 date-time with a zone such as 2031-01-31T18:00:00Z | absent | When it was found missing. |",
    ]) {
      assert.ok(page.includes(row), row);
    }
  });

  it("gives editors a schema that takes every stack and refuses a typo", () => {
    const ajv = new Ajv({ allErrors: true, validateFormats: false });
    const validate = ajv.compile(stackFileSchema(siteSchema));
    for (const stack of stackNames()) {
      assert.ok(validate(readYaml(readFileSync(stackFilePath(stack), "utf8")).value), stack);
    }
    const config = { "atom-backup:backnd": "lab", "kubernetes:context": "other" };
    assert.ok(!validate({ config }));
    assert.deepEqual(
      validate.errors?.map(({ keyword, params }) => [keyword, Object.values(params as object)[0]]),
      [
        ["required", "atom-backup:backend"],
        ["required", "atom-backup:product"],
        ["required", "atom-backup:topology"],
        ["additionalProperties", "atom-backup:backnd"],
      ],
    );
    assert.ok(ajv.compile(pointEditorSchema(pointFileSchema)));
  });
});
