import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../config/projectRoot";
import { gateParts, longParts } from "../../../cli/gate/parts";

/** The compiled lab tests, by the shared lab that they name. */
function labFiles(): { file: string; shared: string | undefined }[] {
  const folder = join(projectRoot(), "dist", "test");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".lab.spec.js"))
    .map((name) => {
      const text = readFileSync(join(folder, name), "utf8");
      const shared = ["sharedLab", "dataPlane", "pointLab"].find((module) =>
        text.includes(`${module}")`),
      );
      return { file: join("dist", "test", name), shared };
    });
}

describe("the parts of the gate", () => {
  const parts = gateParts(projectRoot());
  const titles = parts.map(({ title }) => title);

  it("hold every lab test once, those that share a lab together and every other one alone", () => {
    const files = labFiles();
    const filesOf = (command: readonly string[]): string[] =>
      command.filter((argument) => argument.endsWith(".lab.spec.js") && !argument.includes("*"));
    const held = parts.map(({ command }) => filesOf(command)).filter((list) => list.length > 0);
    assert.deepEqual(held.flat().sort(), files.map(({ file }) => file).sort());
    const sharing = (module: string): string[] =>
      files
        .filter(({ shared }) => shared === module)
        .map(({ file }) => file)
        .sort();
    assert.ok(sharing("sharedLab").length > 1);
    assert.ok(sharing("dataPlane").length > 1);
    assert.ok(sharing("pointLab").length > 1);
    assert.deepEqual(held.slice(0, 3), [
      sharing("sharedLab"),
      sharing("dataPlane"),
      sharing("pointLab"),
    ]);
    for (const own of held.slice(3)) {
      assert.equal(own.length, 1);
    }
  });

  it("leave what needs a lab, or takes long, out of the unit tests", () => {
    const unit = parts.find(({ title }) => title === "unit tests");
    assert.deepEqual(unit?.command.slice(-7), [
      "--ignore",
      "dist/test/**/*.lab.spec.js",
      "--ignore",
      "dist/test/**/*.faults.spec.js",
      "--ignore",
      "dist/test/**/*.scale.spec.js",
      "dist/test/**/*.spec.js",
    ]);
  });

  it("have names of their own, by which their logs are told apart, and end with the checks", () => {
    assert.equal(new Set(titles).size, titles.length);
    assert.ok(titles.includes("lab tests of cli up"), titles.join("\n"));
    assert.deepEqual(titles.slice(-4), ["lint", "layers", "types", "format"]);
    assert.deepEqual(
      parts.filter(({ counts }) => counts === "check").map(({ title }) => title),
      ["lint", "layers", "types", "format"],
    );
  });

  it("are followed by what takes long, each only when asked for", () => {
    const of = (faults: boolean, scale: boolean): string[] =>
      longParts({ faults, scale }).map(({ command }) => command.at(-1) ?? "");
    assert.deepEqual(of(false, false), []);
    assert.deepEqual(of(true, false), ["dist/test/**/*.faults.spec.js"]);
    assert.deepEqual(of(true, true), [
      "dist/test/**/*.faults.spec.js",
      "dist/test/**/*.scale.spec.js",
    ]);
  });
});
