import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { labDown } from "../../lab/down";
import { engineStateOfLab } from "../../lab/engineState";
import { silentReporter } from "../support/silentReporter";

describe("the engine's record of the lab", () => {
  let root: string;
  const state = (...parts: string[]): string =>
    path.join(root, ".pulumi-state", ".pulumi", ...parts);
  const write = (file: string): void => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, "{}");
  };

  beforeEach(() => {
    root = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), "atom-engine-"));
  });
  afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

  it("is nothing where the engine never ran", () => {
    assert.deepEqual(engineStateOfLab(root), []);
  });

  it("goes with the lab, and other stacks and projects stay", async () => {
    const gone = [
      state("stacks", "atom-backup", "lab.json"),
      state("stacks", "atom-backup", "lab.json.bak.attrs"),
      state("history", "atom-backup", "lab", "one.checkpoint.json"),
      state("backups", "atom-backup", "lab", "one.json"),
      state("locks", "organization", "atom-backup", "lab", "lock.json"),
      path.join(root, ".pulumi-state", "catalog", "lab", "pre-24.1.json"),
    ];
    const kept = [
      path.join(root, ".pulumi-state", "catalog", "oslo", "pre-24.1.json"),
      state("meta.yaml"),
      state("stacks", "atom-backup", "oslo.json"),
      state("stacks", "atom-backup", "lab-two.json"),
      state("history", "atom-backup", "oslo", "one.checkpoint.json"),
      state("stacks", "other-project", "lab.json"),
    ];
    [...gone, ...kept].forEach(write);
    await labDown({ root, reporter: silentReporter, env: {} });
    assert.deepEqual(
      gone.filter((file) => fs.existsSync(file)),
      [],
    );
    assert.deepEqual(
      kept.filter((file) => !fs.existsSync(file)),
      [],
    );
  });

  it("is named where only the engine can erase it", async () => {
    const warnings: string[] = [];
    const reporter = { ...silentReporter, warn: (text: string) => warnings.push(text) };
    await labDown({ root, reporter, env: { PULUMI_BACKEND_URL: "file:///srv/state" } });
    assert.deepEqual(warnings, [
      "The engine's record of stack lab at file:///srv/state stays; pulumi stack rm lab --force erases it.",
    ]);
  });
});
