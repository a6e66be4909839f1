import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, it } from "mocha";
import { projectRoot } from "../../config/projectRoot";

const root = projectRoot();

/** Commands of this version, from the command line itself; others may only stand under "not there yet". */
const commandLine = readdirSync(join(root, "cli"))
  .filter((file) => file === "program.ts" || file.endsWith("Commands.ts"))
  .map((file) => readFileSync(join(root, "cli", file), "utf8"))
  .join("\n");
const commands = [...commandLine.matchAll(/\.command\("([a-z-]+)"\)/gu)].map(
  ([, name = ""]) => name,
);

function pages(): readonly string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, "docs", name));
  return [...["README.md", "CHANGELOG.md", "REVIEW.md"].map((name) => join(root, name)), ...inDocs];
}

function headings(text: string): readonly string[] {
  return [...text.matchAll(/^#+ (.+)$/gmu)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}

describe("the pages of the documentation", () => {
  for (const page of pages()) {
    const text = readFileSync(page, "utf8");
    const name = relative(root, page);

    it(`${name}: every link into the repository leads somewhere`, () => {
      for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)) {
        const [path = "", anchor] = target.split("#");
        const file = path === "" ? page : join(dirname(page), path);
        assert.ok(existsSync(file), `${target} is not there`);
        if (anchor !== undefined) {
          const found = headings(readFileSync(file, "utf8"));
          assert.ok(found.includes(anchor), `${target}: no heading #${anchor}`);
        }
      }
    });

    it(`${name}: names no command that is not there`, () => {
      for (const [call, command = ""] of text.matchAll(/\.\/atom ([a-z]+(?:-[a-z]+)*)/gu)) {
        assert.ok(commands.includes(command), `${call} is no command of this version`);
      }
    });
  }

  it("are all reached from the index", () => {
    const index = readFileSync(join(root, "docs", "README.md"), "utf8");
    for (const page of pages().filter((path) => path.startsWith(join(root, "docs")))) {
      const path = relative(join(root, "docs"), page);
      const reached =
        path === "README.md" ||
        index.includes(`(${path})`) ||
        index.includes(`(${dirname(path)}/)`) ||
        index.includes(`(${dirname(path)}/README.md)`);
      assert.ok(reached, `docs/${path} is not in docs/README.md`);
    }
  });
});
