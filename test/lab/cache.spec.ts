import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { readyEngine } from "../../engine/labEngine";
import { silentReporter } from "../support/silentReporter";
import { MODULES } from "../../lab/binaries";
import { ensureBinaries } from "../../lab/build";
import { cacheRoot, makeCacheRoot, moduleHash } from "../../lab/cache";
import { LabError } from "../../lab/error";
import { projectDir } from "../../lab/paths";
import { labUp } from "../../lab/up";
import { fakeGo } from "./support/fakeGo";
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

  /** How a cache that another user prepared is put in place of ours; without root's rights a folder of root is one. */
  const foreign: (readonly [string, RegExp, (from: string, to: string) => void])[] = [
    [
      "is open to others",
      /Others may write/,
      (from, to) => {
        fs.cpSync(from, to, { recursive: true, preserveTimestamps: true });
        fs.chmodSync(to, 0o777);
      },
    ],
    [
      "belongs to another user",
      /belongs to another user/,
      (from, to) => {
        if (uid !== 0) {
          fs.symlinkSync("/usr", to);
          return;
        }
        fs.cpSync(from, to, { recursive: true });
        fs.chownSync(to, 12345, 12345);
      },
    ],
  ];
  if (uid === 0) {
    foreign.push([
      "is another user's link to ours",
      /belongs to another user/,
      (from, to) => {
        fs.symlinkSync(from, to);
        fs.lchownSync(to, 12345, 12345);
      },
    ]);
  }
  for (const [what, reason, make] of foreign) {
    it(`is not used where the folder ${what}, complete as it may be`, async () => {
      const go = fakeGo(temporary());
      const options = {
        project: projectDir(),
        need: ["vcenter"],
        reporter: silentReporter,
      } as const;
      const { dirs } = await ensureBinaries({ ...options, env: go.env });
      const env = { ...go.env, XDG_CACHE_HOME: temporary() };
      make(path.dirname(dirs.vcenter), cacheRoot(env));
      for (const use of [
        () => ensureBinaries({ ...options, env }),
        () => labUp({ root: temporary(), ...options, env }),
        () => readyEngine(projectDir(), env, silentReporter),
      ]) {
        await assert.rejects(
          use(),
          (error) => error instanceof LabError && reason.test(error.message),
        );
      }
    });
  }

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
