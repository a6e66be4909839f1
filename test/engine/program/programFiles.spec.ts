// The engine compiles the program file by file as it is loaded, and only `require` knows of that: observed with the Pulumi
// CLI 3.259, a dynamic import of `../../../clients/kubernetes/connect.js` in a hook ended with "Cannot find module". The compiled
// program of the other tests has that file, so that nothing else shows it.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { projectRoot } from "../../../config/projectRoot";

const root = projectRoot();

/** The project's own files that the program loads, each with its text. */
function programFiles(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const open = [join(root, "index.ts")];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (texts.has(file)) {
      continue;
    }
    const text = readFileSync(file, "utf8");
    texts.set(file, text);
    for (const [, type, from = ""] of text.matchAll(
      /^(?:import|export) (type )?[^;]*? from "(\.[^"]*)";$/gm,
    )) {
      const path = join(dirname(file), from);
      if (type === undefined) {
        open.push(existsSync(`${path}.ts`) ? `${path}.ts` : join(path, "index.ts"));
      }
    }
  }
  return texts;
}

describe("the files that the program loads", () => {
  it("load each other with static imports only", () => {
    const files = programFiles();
    const names = [...files.keys()].map((file) => relative(root, file));
    for (const name of ["components/takeHooks.ts", "config/load.ts"]) {
      assert.ok(names.includes(name), `${name} is not among the ${names.length} files found`);
    }
    const dynamic = [...files]
      .filter(([, text]) => /\bimport\(\s*["'`]\./.test(text))
      .map(([file]) => relative(root, file));
    assert.deepEqual(dynamic, []);
  });
});
