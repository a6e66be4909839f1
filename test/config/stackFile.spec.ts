import assert from "node:assert/strict";
import { lstatSync, readFileSync, statSync, symlinkSync, chmodSync } from "node:fs";
import { join } from "node:path";

import { writeAtomically } from "../../config/atomicFile";
import { checkConfiguration } from "../../config/parseSite";
import { ConfigurationError, formatProblems } from "../../config/problems";
import { readConfiguration } from "../../config/readConfiguration";
import { editStackText, parseStackText } from "../../config/stackFile";
import { inProject } from "./fixture";

const parse = (text: string): ReturnType<typeof parseStackText> =>
  parseStackText(text, "/p/stacks/Pulumi.demo.yaml", "stacks/Pulumi.demo.yaml");

/** Texts with nothing but YAML wrong, and what is said of them. */
const notYaml: readonly (readonly [string, string, string])[] = [
  [
    "an open bracket",
    "config:\n  atom-backup:classes: [1\n",
    "  line 3: is not YAML: Flow sequence in block collection must be sufficiently indented and end with a ].",
  ],
  ["a tab", "config:\n\ta: 1\n", "  line 2: is indented with a tab. Indent with blanks."],
  [
    "two documents",
    "config: {}\n---\nconfig: {}\n",
    "  line 2: begins a second document. Write one document in a file.",
  ],
  [
    "an alias of nothing",
    "config:\n  atom-backup:classes: *none\n",
    "  An alias (*name) names no anchor, or aliases unfold without end.",
  ],
];

describe("a stack file", () => {
  it("gives our keys without the namespace and leaves those of others alone", () => {
    const file = parse(`config:
  atom-backup:backend: lab
  atom-backup:config:failover: manual
  replicationFactor: 3
  kubernetes:context: other
  pulumi:tags: {a: b}
`);
    assert.deepEqual(file.values, { backend: "lab", failover: "manual", replicationFactor: 3 });
    assert.deepEqual(file.problems, []);
  });

  it("keeps secrets apart", () => {
    const file = parse(`encryptionsalt: v1:salt
secretsprovider: passphrase
config:
  atom-backup:vcenterPassword: {secure: v1:a:b}
  atom-backup:virtualMachines: {user: {secure: v1:c:d}}
`);
    assert.deepEqual(file.values, {});
    assert.deepEqual(file.secrets, { vcenterPassword: "v1:a:b" });
    assert.deepEqual(file.secretKeys, ["vcenterPassword", "virtualMachines"]);
    assert.equal(file.encryptionSalt, "v1:salt");
    assert.equal(file.secretsProvider, "passphrase");
  });

  for (const [name, text, expected] of notYaml) {
    it(`refuses ${name}`, () => {
      assert.throws(() => parse(text), {
        message: `stacks/Pulumi.demo.yaml: 1 problem\n${expected}`,
      });
    });
  }

  it("does not print what it stumbled over, which may be a password", () => {
    assert.throws(
      () => parse("config: {}} hunter2\n"),
      (error) => error instanceof ConfigurationError && !error.message.includes("hunter2"),
    );
  });

  it("reports duplicate keys together with everything else", () => {
    const file = parse(`config:
  atom-backup:backend: lab
  atom-backup:backend: linstor
  backend: generic
  atom-backup:backendVersion: 1.30
atom-backup:failover: manual
confg: {}
`);
    assert.equal(
      formatProblems(file.problems, file.file),
      `stacks/Pulumi.demo.yaml: 5 problems
  line 3: has the key atom-backup:backend a second time. Keep one of the two.
  atom-backup:failover: is not a key of a stack file. Move it below config:
  confg: is not a key of a stack file. Did you mean config?
  backend: is written twice, as atom-backup:backend and as backend. Keep one of the two.
  backendVersion = 1.30: is read by the engine as something else than it looks like. Write it in quotes if it is text: "1.30".`,
    );
  });

  it("needs a map of keys below config", () => {
    const said = (text: string): string => formatProblems(parse(text).problems, "f");
    const begin =
      "Begin with the line config: and write the keys below it, e.g. atom-backup:backend: linstor.";
    assert.equal(said(""), `f: 1 problem\n  config: is missing. ${begin}`);
    assert.equal(said("config: 3"), `f: 1 problem\n  config: is not a map of keys. ${begin}`);
  });

  it("points at what the engine's YAML reader takes for something else", () => {
    const { problems } = parse(`config:
  atom-backup:product: {namespaces: [atom, 0755, 2026-11-23]}
  atom-backup:virtualMachines: {maxAgeHours: 1_000}
  atom-backup:waivers: [{until: 2031-01-01T00:00:00Z, who: 2026-11-23, why: "0755"}]
`);
    assert.deepEqual(
      problems.map(({ path, value }) => [path, value]),
      [
        ["product.namespaces[1]", "0755"],
        ["product.namespaces[2]", "2026-11-23"],
        ["virtualMachines.maxAgeHours", "1_000"],
        ["waivers[0].who", "2026-11-23"],
      ],
    );
  });

  it("unfolds anchors, aliases and merges as the engine does", () => {
    const { values } = parse(`config:
  atom-backup:classes:
    - &base {name: x, reclaimPolicy: Retain}
    - {<<: *base, name: y}
`);
    assert.deepEqual(values["classes"], [
      { name: "x", reclaimPolicy: "Retain" },
      { name: "y", reclaimPolicy: "Retain" },
    ]);
  });
});

describe("an edit of a stack file", () => {
  const text = `# The site.
config:
    atom-backup:replicationFactor:   2   # copies
    # Where data lies.
    atom-backup:classes:
    - {name: 'x',   reclaimPolicy: Retain} # first
    backendVersion: "1.30.0"

    kubernetes:context: other
`;

  it("changes nothing but the value", () => {
    const edited = editStackText({ text }, [
      { path: ["replicationFactor"], value: 3 },
      { path: ["classes", 0, "reclaimPolicy"], value: "Delete" },
      { path: ["classes", 0, "name"], value: "yes" },
      { path: ["backendVersion"], value: "1.31.0" },
    ]);
    assert.equal(
      edited,
      text
        .replace("  2   #", "  3   #")
        .replace("Retain}", "Delete}")
        .replace("'x'", '"yes"')
        .replace("1.30.0", "1.31.0"),
    );
  });

  it("adds keys, entries and whole maps, with comments and order kept", () => {
    const edited = editStackText({ text }, [
      { path: ["cluster"], value: { context: "here", clusterUid: "0755" } },
      { path: ["classes", 1], value: { name: "y" } },
    ]);
    const kept = text.split("\n").filter((line) => line.includes("#"));
    for (const comment of kept.map((line) => line.slice(line.indexOf("#")))) {
      assert.ok(edited.includes(comment), comment);
    }
    assert.deepEqual(parse(edited).values, {
      replicationFactor: 2,
      classes: [{ name: "x", reclaimPolicy: "Retain" }, { name: "y" }],
      backendVersion: "1.30.0",
      cluster: { context: "here", clusterUid: "0755" },
    });
    assert.deepEqual(parse(edited).problems, []);
  });

  it("begins a file that is empty", () => {
    assert.equal(
      editStackText({ text: "" }, [{ path: ["backend"], value: "lab" }]),
      "config:\n  atom-backup:backend: lab\n",
    );
  });

  it("is written in one step, through a link, with the mode kept", async () => {
    await inProject({ "real.yaml": "old" }, (root) => {
      chmodSync(join(root, "real.yaml"), 0o640);
      symlinkSync("real.yaml", join(root, "link.yaml"));
      writeAtomically(join(root, "link.yaml"), "new");
      assert.equal(readFileSync(join(root, "real.yaml"), "utf8"), "new");
      assert.equal(statSync(join(root, "real.yaml")).mode & 0o777, 0o640);
      assert.ok(lstatSync(join(root, "link.yaml")).isSymbolicLink());
      assert.throws(() => writeAtomically(join(root, "real.yaml", "x"), "new"));
    });
  });
});

describe("the configuration of a stack", () => {
  it("is looked for in the folder only, and need not be readable", async () => {
    await inProject({ "stacks/Pulumi.lab.yaml/x": "", "x.yaml": "" }, (root) => {
      assert.throws(() => readConfiguration("a/../../x", { root }), {
        message: /No such stack: a\/\.\.\/\.\.\/x .*Stacks: lab\.$/,
      });
      assert.throws(() => readConfiguration("lab", { root }), {
        message: "stacks/Pulumi.lab.yaml: 1 problem\n  The file cannot be read: it is a folder.",
      });
    });
  });

  it("names the stacks there are when it is none of them", async () => {
    await inProject(
      {
        "stacks/Pulumi.north.yaml": "",
        "stacks/Pulumi.lab.yaml": "",
      },
      (root) => {
        assert.throws(() => readConfiguration("nort", { root }), {
          message:
            "stacks/Pulumi.nort.yaml: 1 problem\n  No such stack: nort (Pulumi.nort.yaml is not there). Did you mean north? Stacks: lab, north.",
        });
      },
    );
  });

  it("is refused with all that is wrong in the file and on the command line", async () => {
    const stack = `config:
  atom-backup:backend: lba
  atom-backup:failover: manual
  atom-backup:product: {namespaces: [atom]}
  atom-backup:topology: {sites: [{name: a, storageNodes: [a-1, a-2]}]}
`;
    await inProject({ "stacks/Pulumi.demo.yaml": stack }, (root) => {
      const overrides = ["replicationFactor=two", "failovr=manual", "classes[0].fsTpe=x"];
      const { raw } = readConfiguration("demo", { root, overrides });
      assert.equal(
        formatProblems(checkConfiguration(raw).problems, raw.file),
        `-c: 3 problems
  failovr: is not a known key. Did you mean failover?
  classes[0].fsTpe: is not a known key. Did you mean fsType?
  replicationFactor = "two": is not a whole number. Allowed: a whole number from 1 to 99.
stacks/Pulumi.demo.yaml: 1 problem
  backend = "lba": is not allowed. Did you mean lab? Allowed: lab, linstor, longhorn, generic, rook-ceph, vsphere-csi, mayastor, portworx.`,
      );
    });
  });

  it("is that of the file with the overrides in it, and the file stays as it is", async () => {
    const stack = `config:
  atom-backup:backend: lab
  atom-backup:failover: manual
  atom-backup:product: {namespaces: [atom]}
  atom-backup:topology: {sites: [{name: a, storageNodes: [a-1, a-2, a-3]}]}
`;
    await inProject({ "copy.yaml": stack }, (root) => {
      const reading = readConfiguration("demo", {
        root,
        file: join(root, "copy.yaml"),
        overrides: ["replicationFactor=3", "classes[0].reclaimPolicy=Delete"],
      });
      const { site } = checkConfiguration(reading.raw);
      assert.equal(site?.replicationFactor, 3);
      assert.equal(site?.classes[0]?.name, "atom-replicated");
      assert.equal(site?.classes[0]?.default, true);
      assert.equal(site?.classes[0]?.reclaimPolicy, "Delete");
      assert.equal(reading.raw.file, "copy.yaml");
      assert.equal(readFileSync(join(root, "copy.yaml"), "utf8"), stack);
      const again = parse(editStackText(reading.stackFile, reading.edits));
      assert.deepEqual(again.values, reading.raw.values);
    });
  });
});
