import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectRoot } from "../../../config/projectRoot";
import { gateParts, longParts } from "../../../cli/gate/parts";

describe("the parts of the gate", () => {
  const parts = gateParts(projectRoot());
  const titles = parts.map(({ title }) => title);

  it("hold every lab test once, those that share a lab together and every other one alone", () => {
    const folder = join("dist", "test");
    const files = readdirSync(join(projectRoot(), folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".lab.spec.js"))
      .map((name) => join(folder, name));
    const held = parts
      .map(({ title, command }) => ({
        title,
        files: command.filter((one) => one.endsWith(".lab.spec.js") && !one.includes("*")),
      }))
      .filter((part) => part.files.length > 0);
    assert.deepEqual(held.flatMap((part) => part.files).sort(), files.sort());
    assert.deepEqual(
      held.filter((part) => part.files.length > 1).map(({ title }) => title),
      [
        "rollback tests",
        "restore point tests",
        "deployment tests",
        "lab tests",
        "data plane tests",
      ],
    );
    const shared = held.find(({ title }) => title === "deployment tests");
    assert.deepEqual(
      shared?.files.map((file) => basename(file, ".lab.spec.js")),
      ["downAndAdopt", "drift", "init", "up", "tutorial"],
    );
    // What asks for a shared lab would have one that is not its own, alone.
    for (const { title, files: own } of held.filter((part) => part.files.length === 1)) {
      const text = readFileSync(join(projectRoot(), own[0] ?? ""), "utf8");
      assert.doesNotMatch(
        text,
        /\/(sharedLab|dataPlane|deployedLab)"\)|sharedPointLab|onPointLab/,
        title,
      );
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
    assert.ok(titles.includes("lab tests of lab life"), titles.join("\n"));
    assert.deepEqual(titles.slice(-3), ["types and lint", "layers", "format"]);
    assert.deepEqual(
      parts.filter(({ counts }) => counts === "check").map(({ title }) => title),
      ["types and lint", "layers", "format"],
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
