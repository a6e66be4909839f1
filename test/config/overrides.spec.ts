import assert from "node:assert/strict";

import fc from "fast-check";

import { formatPath, parsePath } from "../../config/keyPath";
import { applyEdits, readOverrides } from "../../config/overrides";
import { formatProblem } from "../../config/problems";
import type { JsonMap, JsonValue } from "../../config/rawConfiguration";
import { editStackText, parseStackText } from "../../config/stackFile";
import { smallest, withVms } from "./fixture";

/** Values with those of `-c` written into them. */
function applyOverrides(before: JsonMap, texts: readonly string[]): JsonMap {
  return applyEdits(before, readOverrides(before, texts).edits);
}

function problems(before: JsonMap, texts: readonly string[]): readonly string[] {
  return readOverrides(before, texts).problems.map(formatProblem);
}

const withClass: JsonMap = { ...smallest, classes: [{ name: "x" }] };

const values: readonly (readonly [string, string, JsonValue])[] = [
  ["replicationFactor=3", "replicationFactor", 3],
  ["atom-backup:replicationFactor=3", "replicationFactor", 3],
  ["replicationFactor=two", "replicationFactor", "two"],
  ["backendVersion=1.30", "backendVersion", "1.30"],
  ["backendVersion=", "backendVersion", ""],
  ["waivers=[{rule: a}, b]", "waivers", [{ rule: "a" }, "b"]],
  ["waivers=[]", "waivers", []],
  ["backendOptions.storagePool=thin", "backendOptions", { storagePool: "thin" }],
  ["backendOptions.copies=2", "backendOptions", { copies: 2 }],
  ["backendOptions.csiVersion=1.30", "backendOptions", { csiVersion: "1.30" }],
  ['backendOptions["a.b/c"]=x=y', "backendOptions", { "a.b/c": "x=y" }],
  ["classes[0].expansion=false", "classes", [{ name: "x", expansion: false }]],
  ["classes[1].name=y", "classes", [{ name: "x" }, { name: "y" }]],
  ["cluster.context=no", "cluster", { context: "no" }],
  ["waivers[0]={rule: r, who: me}", "waivers", [{ rule: "r", who: "me" }]],
];

const refused: readonly (readonly [string, string])[] = [
  ["replicationFactor", "replicationFactor: has no value. Write -c key=value."],
  ["=3", "=3: has no value. Write -c key=value."],
  ["replicatonFactor=3", "replicatonFactor: is not a known key. Did you mean replicationFactor?"],
  ["topology.sitelabel=x", "topology.sitelabel: is not a known key. Did you mean siteLabel?"],
  ["classes[2].name=x", "classes[2]: is beyond the end of the list, which has 1 entry."],
  ["classes.name=x", "classes.name: is not a known key. Write it like classes[0].reclaimPolicy."],
  [
    "replicationFactor[0]=x",
    "replicationFactor[0]: is not a known key. Write it like classes[0].reclaimPolicy.",
  ],
  ["a..b=x", "a..b: is not a key path. Write it like classes[0].reclaimPolicy."],
  ["[0]=x", "[0]: is not a key path. Write it like classes[0].reclaimPolicy."],
  [
    "kubernetes:context=x",
    "kubernetes:context: is not a key of this program. Set it with pulumi config set.",
  ],
  [
    "vcenterPassword=hunter2",
    "vcenterPassword: is a secret and is not taken from a command line. Set it with pulumi config set --secret vcenterPassword.",
  ],
];

describe("-c key=value", () => {
  for (const [text, key, expected] of values) {
    it(`takes ${text}`, () => {
      assert.deepEqual(applyOverrides(withClass, [text]), { ...withClass, [key]: expected });
    });
  }

  for (const [text, expected] of refused) {
    it(`refuses ${text.replace("hunter2", "…")}`, () => {
      assert.deepEqual(problems(withClass, [text]), [expected]);
    });
  }

  it("reports all that are wrong, and builds on the earlier ones", () => {
    const wrong = problems(smallest, ["x=1", "failover=manual", "y=2"]);
    assert.deepEqual(
      wrong.map((text) => text.slice(0, 2)),
      ["x:", "y:"],
    );
    const built = applyOverrides(smallest, ["waivers[0].rule=r", "waivers[1].rule=s"]);
    assert.deepEqual(built["waivers"], [{ rule: "r" }, { rule: "s" }]);
  });

  it("writes the default list out before it changes an entry of it", () => {
    assert.deepEqual(applyOverrides(smallest, ["classes[0].reclaimPolicy=Delete"])["classes"], [
      {
        name: "atom-replicated",
        default: true,
        reclaimPolicy: "Delete",
        encryption: false,
        expansion: true,
        mountOptions: [],
        options: {},
      },
    ]);
  });

  it("refuses to write below what is no map", () => {
    assert.deepEqual(problems({ topology: 3 }, ["topology.siteLabel=x"]), [
      "topology: is not a map of keys in the stack file.",
    ]);
  });

  it("leaves the given values as they are", () => {
    const before = structuredClone(withVms);
    applyOverrides(withVms, ["virtualMachines.maxDepth=2", "topology.sites[0].name=z"]);
    assert.deepEqual(withVms, before);
  });

  it("means the same in memory and in the file", function () {
    this.timeout(30_000);
    const stack = (some: JsonMap): string =>
      editStackText(
        { text: "config: {} # empty\n" },
        Object.entries(some).map(([key, value]) => ({ path: [key], value })),
      );
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom("no", "1.30", "0755", "2031-01-01", "#", "a: b"),
    );
    const change = fc.oneof(
      text.map((context) => ({ path: ["cluster", "context"], value: context })),
      text.map((name) => ({ path: ["topology", "sites", 1, "storageNodes", 0], value: name })),
      fc.integer().map((depth) => ({ path: ["virtualMachines", "maxDepth"], value: depth })),
      fc
        .boolean()
        .map((trust) => ({ path: ["virtualMachines", "allowUnverifiedSsl"], value: trust })),
    );
    const start: JsonMap = { ...withVms, cluster: {} };
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (edits) => {
        const written = parseStackText(editStackText({ text: stack(start) }, edits), "/f", "f");
        assert.deepEqual(written.values, applyEdits(start, edits));
        assert.deepEqual(written.problems, []);
      }),
      { numRuns: 100 },
    );
  });
});

describe("a key path", () => {
  it("reads what it prints", () => {
    const part = fc.oneof(fc.nat({ max: 999 }), fc.string());
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,9}$/);
    fc.assert(
      fc.property(name, fc.array(part), (first, rest) => {
        assert.deepEqual(parsePath(formatPath([first, ...rest])), [first, ...rest]);
      }),
    );
  });

  it("is none where something is left over", () => {
    for (const text of ["", ".a", "a.", "a b", "a[", "a[x]", "a[-1]", "a[0]b", "a.[0]"]) {
      assert.equal(parsePath(text), undefined, text);
    }
  });
});
