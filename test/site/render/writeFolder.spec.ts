import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { indexFile, RenderFolderError, writeFolder } from "../../../site/render/writeFolder";

const one = { file: "one.yaml", text: "one: 1\n" };
const two = { file: "patches/two.yaml", text: "two: 2\n" };

describe("the folder of a rendering", () => {
  let parent: string;
  let folder: string;

  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), "atom-render-test-"));
    folder = join(parent, "out");
  });
  afterEach(() => rmSync(parent, { recursive: true, force: true }));

  function contents(): Record<string, string> {
    return Object.fromEntries(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .sort()
        .map((path) => [path.slice(folder.length + 1), readFileSync(path, "utf8")]),
    );
  }

  function refused(text: string, write: () => void): void {
    const before = contents();
    assert.throws(write, (error) => {
      assert.ok(error instanceof RenderFolderError);
      assert.equal(error.message, text);
      return true;
    });
    assert.deepEqual(contents(), before, "nothing was written");
  }

  it("is made, and written again it holds the same bytes", () => {
    writeFolder(folder, "oslo", [one, two]);
    const first = contents();
    assert.deepEqual(Object.keys(first), [indexFile, "one.yaml", "patches/two.yaml"]);
    writeFolder(folder, "oslo", [one, two]);
    assert.deepEqual(contents(), first);
  });

  it("loses files that are no longer declared, and keeps files that were put beside ours", () => {
    writeFolder(folder, "oslo", [one, two]);
    writeFileSync(join(folder, "kustomization.yaml"), "resources: []\n");
    writeFolder(folder, "oslo", [{ ...one, text: "one: 3\n" }]);
    const { [indexFile]: index, ...files } = contents();
    assert.deepEqual(files, { "kustomization.yaml": "resources: []\n", "one.yaml": "one: 3\n" });
    const { files: known } = JSON.parse(index ?? "") as { files: Record<string, string> };
    assert.deepEqual(Object.keys(known), ["one.yaml"]);
  });

  it("is refused when it holds files that no rendering made", () => {
    mkdirSync(folder);
    writeFileSync(join(folder, "notes.txt"), "mine\n");
    writeFileSync(join(folder, "z.txt"), "mine\n");
    refused(
      `--out = ${folder}: it holds notes.txt and 1 more, which no rendering made. Nothing was written. ` +
        "Allowed: an empty or new folder, or one of an earlier rendering of this stack.",
      () => writeFolder(folder, "oslo", [one]),
    );
  });

  it("is refused when it holds the rendering of another stack", () => {
    writeFolder(folder, "bergen", [one]);
    refused(
      `--out = ${folder}: it holds the rendering of stack bergen. Nothing was written. ` +
        "Allowed: another folder for stack oslo.",
      () => writeFolder(folder, "oslo", [one]),
    );
  });

  it("is refused when one of its files was changed by hand, or stands where ours would", () => {
    writeFolder(folder, "oslo", [one]);
    writeFileSync(join(folder, "one.yaml"), "one: by hand\n");
    mkdirSync(join(folder, "patches"));
    writeFileSync(join(folder, "patches", "two.yaml"), "two: mine\n");
    refused(
      `--out = ${folder}: one.yaml, patches/two.yaml was changed by hand or is not ours. Nothing was written. ` +
        "Write the change into the stack file and remove the file, or render into another folder.",
      () => writeFolder(folder, "oslo", [one, two]),
    );
  });

  it("is refused when its index is damaged or names files outside of it", () => {
    writeFolder(folder, "oslo", [one]);
    const victim = join(parent, "victim");
    writeFileSync(victim, "precious\n");
    const damaged =
      `${join(folder, indexFile)} is damaged, so that it cannot be told which files are ours. Nothing was written. ` +
      "Remove the folder, or render into another one.";
    for (const index of ["{", "null", '{"version":1,"stack":"oslo","files":{"../victim":"0"}}']) {
      writeFileSync(join(folder, indexFile), index);
      refused(damaged, () => writeFolder(folder, "oslo", [one]));
    }
    assert.equal(readFileSync(victim, "utf8"), "precious\n");
  });

  it("is refused when it is a file", () => {
    const file = join(parent, "file");
    writeFileSync(file, "");
    assert.throws(() => writeFolder(file, "oslo", [one]), {
      message: `--out = ${file}: it is a file. Allowed: an empty or new folder.`,
    });
  });

  it("goes on after a run that was killed before it had written everything", () => {
    writeFolder(folder, "oslo", [one, two]);
    rmSync(join(folder, "one.yaml"));
    writeFolder(folder, "oslo", [one, two]);
    assert.equal(contents()["one.yaml"], one.text);
  });
});
