import assert from "node:assert/strict";
import { checkSite } from "../../../planning";
import { checkOptions, listOption, textOption } from "../../../planning/backends/options";
import type { OptionSpec } from "../../../planning/backends/backend";
import { LINSTOR_OPTIONS, linstorSite, THREE_SITES } from "../../support/sites";

const SPECS: Readonly<Record<string, OptionSpec>> = {
  text: { type: "string", description: "a text" },
  choice: { type: "string", description: "a choice", allowed: ["one", "two"] },
  number: { type: "integer", description: "a number", minimum: 1, maximum: 3 },
  flag: { type: "boolean", description: "a flag" },
  list: { type: "strings", description: "a list", allowed: ["x", "y"] },
};

describe("options of a backend", () => {
  it("pass where they are on the list and of its form", () => {
    const options = { text: "t", choice: "two", number: 3, flag: false, list: ["y"] };
    assert.deepEqual(checkOptions("o", "b", options, SPECS), []);
  });

  const cases: readonly (readonly [string, string | number | boolean | string[], string])[] = [
    ["text", 3, "Allowed: a text"],
    ["text", "", "Allowed: a text"],
    ["choice", "three", "Allowed: one or two"],
    ["number", 0, "Allowed: a whole number from 1 to 3"],
    ["number", 4, "Allowed: a whole number from 1 to 3"],
    ["number", 1.5, "Allowed: a whole number from 1 to 3"],
    ["flag", "true", "Allowed: true or false"],
    ["list", "x", "Allowed: a list of x or y"],
    ["list", ["z"], "Allowed: a list of x or y"],
    ["list", ["x", ""], "Allowed: a list of x or y"],
  ];
  for (const [key, value, allowed] of cases) {
    it(`refuse ${key}: ${JSON.stringify(value)}`, () => {
      const [problem, ...others] = checkOptions("o", "b", { [key]: value }, SPECS);
      assert.deepEqual(others, []);
      assert.equal(problem?.path, `o.${key}`);
      assert.equal(problem.value, JSON.stringify(value));
      assert.equal(problem.allowed, allowed);
    });
  }

  it("refuse a misspelt key with the names that the nearest is sought among", () => {
    const site = linstorSite(THREE_SITES, {
      backendOptions: { ...LINSTOR_OPTIONS, storagPool: "thin" },
    });
    const [problem, ...others] = checkSite(site);
    assert.deepEqual(others, []);
    assert.equal(problem?.path, "backendOptions.storagPool");
    assert.deepEqual(problem?.candidates, [
      "storagePool",
      "poolKind",
      "namespace",
      "allowRemoteVolumeAccess",
      "quorum",
      "replicasOnSame",
      "remoteAccessFrom",
      "siteProperty",
      "passphraseSecret",
      "csiVersion",
      "apiUrl",
      "apiCaFile",
      "apiCertFile",
      "apiKeyFile",
      "parameters",
    ]);
  });

  it("know no key that every object has", () => {
    assert.equal(checkOptions("o", "b", { constructor: "x", toString: "y" }, SPECS).length, 2);
  });

  it("are read by their form", () => {
    const options = { text: "t", number: 0, flag: false, list: ["a"] };
    assert.deepEqual(
      ["text", "number", "flag", "list", "none"].map((key) => textOption(options, key)),
      ["t", "0", "false", undefined, undefined],
    );
    assert.deepEqual(listOption(options, "list"), ["a"]);
    assert.deepEqual(listOption(options, "text"), []);
  });
});
