import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { MODULES } from "../../lab/binaries";
import { cacheRoot, makeCacheRoot, moduleHash } from "../../lab/cache";
import { LabError } from "../../lab/error";
import { projectDir } from "../../lab/paths";
import { removeTemporary, temporary } from "./support/temporary";

describe("the binary cache", () => {
  afterEach(removeTemporary);

  const uid = process.getuid?.() ?? 0;
  const places: readonly (readonly [string, Record<string, string>, string])[] = [
    ["XDG_CACHE_HOME", { XDG_CACHE_HOME: "/x", HOME: "/h" }, "/x/atom-backup"],
    ["HOME", { HOME: "/h" }, "/h/.cache/atom-backup"],
    [
      "HOME if XDG_CACHE_HOME is empty",
      { XDG_CACHE_HOME: "", HOME: "/h" },
      "/h/.cache/atom-backup",
    ],
    [
      "HOME if XDG_CACHE_HOME is relative",
      { XDG_CACHE_HOME: "x", HOME: "/h" },
      "/h/.cache/atom-backup",
    ],
    ["the temporary folder if there is no HOME", {}, path.join(os.tmpdir(), `atom-backup-${uid}`)],
  ];
  for (const [from, env, place] of places) {
    it(`lies where ${from} says`, () => {
      assert.equal(cacheRoot(env), place);
    });
  }

  it("is entered by nobody else", () => {
    const dir = makeCacheRoot({ XDG_CACHE_HOME: temporary() });
    assert.equal(fs.statSync(dir).mode & 0o777, 0o700);
  });

  it("says why it cannot be made", () => {
    const file = path.join(temporary(), "file");
    fs.writeFileSync(file, "");
    assert.throws(
      () => makeCacheRoot({ XDG_CACHE_HOME: file }),
      new LabError(
        `The folder ${file}/atom-backup cannot be made: a part of the path is a file where a folder is needed.`,
      ),
    );
  });

  it("has another version for other sources of a module, and the same for tests and other files", () => {
    const copy = temporary();
    fs.cpSync(path.join(projectDir(), "lab"), path.join(copy, "lab"), { recursive: true });
    const hashes = (project: string): string[] =>
      MODULES.map((module) => moduleHash(project, module));
    const before = hashes(copy);
    assert.ok(before.every((hash) => /^[0-9a-f]{16}$/.test(hash)));
    assert.equal(new Set(before).size, MODULES.length);
    assert.deepEqual(hashes(projectDir()), before);
    fs.writeFileSync(path.join(copy, "lab", "vcenter", "main_test.go"), "package main\n");
    fs.writeFileSync(path.join(copy, "lab", "vcenter", "notes.md"), "");
    assert.deepEqual(hashes(copy), before);
    for (const [module, file] of [
      ["controlplane", "go.sum"],
      ["vcenter", "front.go"],
      ["storage", "cmd/lab-csi/main.go"],
      ["sidecars", "go.mod"],
      ["provisioner", "go.mod"],
    ] as const) {
      const known = hashes(copy);
      fs.appendFileSync(path.join(copy, "lab", module, file), "\n");
      const changed = MODULES.filter((_, index) => hashes(copy)[index] !== known[index]);
      assert.deepEqual(changed, [module]);
    }
  });
});
