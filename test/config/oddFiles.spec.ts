import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { gatherPoints, parsePoint } from "../../config/pointFile";
import { readConfiguration } from "../../config/readConfiguration";
import { parseStackText, writeStackFile } from "../../config/stackFile";
import { formatProblems } from "../../config/problems";
import { inProject } from "./fixture";

const text = `config:
  atom-backup:backend: lab
`;

/** How each odd file is made at a path, and what is said of it. */
const odd: readonly (readonly [string, (path: string) => void, RegExp])[] = [
  [
    "a pipe, which would be waited for",
    (path) => assert.equal(spawnSync("mkfifo", [path]).status, 0),
    /no file but a pipe or a device/,
  ],
  ["a link that leads to itself", (path) => symlinkSync(path, path), /links lead in a circle/],
  ["a link to nothing", (path) => symlinkSync("nowhere", path), /it is not there/],
  [
    "UTF-16",
    (path) => writeFileSync(path, Buffer.from(`\uFEFF${text}`, "utf16le")),
    /saved as UTF-16: save it as UTF-8/,
  ],
  [
    "lists in lists without end",
    (path) => writeFileSync(path, `config: ${"[".repeat(200_000)}`),
    /nested more than 100 levels deep/,
  ],
  [
    "maps in maps",
    (path) => writeFileSync(path, `config: ${"{a: ".repeat(150)}1${"}".repeat(150)}\n`),
    /nested more than 100 levels deep/,
  ],
];

describe("odd files", () => {
  for (const [what, make, expected] of odd) {
    it(`${what}: a stack file and a point file say so in plain words`, async () => {
      await inProject({ "stacks/x": "", "points/demo/x": "" }, (root) => {
        make(join(root, "stacks/Pulumi.odd.yaml"));
        make(join(root, "points/demo/odd.yaml"));
        assert.throws(() => readConfiguration("odd", { root }), expected);
        const [point] = gatherPoints(root, "points", "demo");
        assert.equal(point?.document, undefined);
        assert.match(point?.problem ?? "", expected);
      });
    });
  }

  it("a read-only file is not changed, by nobody's right to its folder", async () => {
    await inProject({ "stacks/Pulumi.odd.yaml": text }, (root) => {
      const path = join(root, "stacks/Pulumi.odd.yaml");
      chmodSync(path, 0o444);
      assert.throws(() => writeStackFile(path, "config: {}\n"), /read-only .* \(chmod u\+w\)/);
      assert.equal(readFileSync(path, "utf8"), text);
    });
  });

  it("text that YAML takes for a number keeps its last digit in quotes, at every depth", () => {
    const stack = parseStackText(
      "config:\n  atom-backup:topology: {sites: [{name: 1.10, storageNodes: [1.0]}]}\n",
      "f",
      "f",
    );
    assert.equal(
      formatProblems(stack.problems, "f"),
      `f: 2 problems
  topology.sites[0].name = 1.10: is read by the engine as something else than it looks like. Write it in quotes if it is text: "1.10".
  topology.sites[0].storageNodes[0] = 1.0: is read by the engine as something else than it looks like. Write it in quotes if it is text: "1.0".`,
    );
    assert.throws(() => parsePoint("name: p\nrelease: 24.10\n", "p.yaml"), {
      message:
        'p.yaml: 1 problem\n  release = 24.10: is a number to YAML. Write it in quotes if it is text: "24.10".',
    });
  });
});
