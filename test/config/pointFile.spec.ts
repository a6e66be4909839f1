import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import {
  gatherPoints,
  markVm,
  pointFilePath,
  readPointFile,
  recordVm,
  setPointState,
} from "../../config/pointFile";
import { ConfigurationError } from "../../config/problems";
import { temporaryProject } from "./fixture";

const path = "stacks/restore-points/demo/pre-24.1.yaml";
const text = `# Before the upgrade.
name: pre-24.1
release: "24.1" # in quotes
virtualMachines: all

consistency: crash
expires: 2031-01-01T00:00:00Z
state: planned # set by commands
`;
const takenAt = "2026-11-23T18:00:00Z";
const uuid = (digit: number): string => `42100000-0000-4000-8000-00000000000${digit}`;

describe("a restore point file", () => {
  let project: ReturnType<typeof temporaryProject>;
  let file: string;
  const record = (node: string, digit: number, handle: string): void =>
    recordVm(file, { node, uuid: uuid(digit), handle }, takenAt);

  beforeEach(() => {
    project = temporaryProject({ [path]: text });
    file = pointFilePath(project.root, "stacks/restore-points", "demo", "pre-24.1");
  });

  afterEach(() => project.remove());

  it("is taken and ends with comments and order kept", () => {
    setPointState(file, "taking");
    record("b-1", 2, "snapshot-8");
    record("a-1", 1, "snapshot-7");
    setPointState(file, "ready");
    markVm(file, "b-1", "lost", "2026-11-24T18:00:00Z");
    assert.equal(
      readFileSync(file, "utf8"),
      `# Before the upgrade.
name: pre-24.1
release: "24.1" # in quotes
virtualMachines: all

consistency: crash
expires: 2031-01-01T00:00:00Z
state: ready # set by commands
vms:
  - node: a-1
    uuid: ${uuid(1)}
    handle: snapshot-7
    takenAt: "${takenAt}"
  - node: b-1
    uuid: ${uuid(2)}
    handle: snapshot-8
    takenAt: "${takenAt}"
    lost: "2026-11-24T18:00:00Z"
`,
    );
  });

  it("writes down every VM of hooks that record at once", async () => {
    setPointState(file, "taking");
    await Promise.all(
      [8, 7, 6, 5, 4, 3, 2, 1, 0].map(async (digit) => {
        await Promise.resolve();
        record(`n-${digit}`, digit, `snapshot-${digit}`);
      }),
    );
    assert.deepEqual(
      readPointFile(file).vms.map(({ handle }) => handle),
      [...Array(9).keys()].map((digit) => `snapshot-${digit}`),
    );
    assert.deepEqual(readdirSync(dirname(file)), ["pre-24.1.yaml"]);
  });

  it("takes the same VM twice, and refuses another reference for it", () => {
    setPointState(file, "taking");
    record("a-1", 1, "snapshot-7");
    const once = readFileSync(file, "utf8");
    record("a-1", 1, "snapshot-7");
    assert.throws(() => record("a-1", 1, "snapshot-9"), /snapshot-7.*snapshot-9 of a-1/);
    assert.equal(readFileSync(file, "utf8"), once);
  });

  it("is never written in a form that cannot be read again", () => {
    assert.throws(() => record("a-1", 1, "snapshot-7"), ConfigurationError);
    assert.equal(readFileSync(file, "utf8"), text);
  });
});

describe("the folder of restore points", () => {
  let project: ReturnType<typeof temporaryProject>;
  const gathered = (): readonly (readonly [string, boolean, string | undefined])[] =>
    gatherPoints(project.root, "points", "demo").map(({ file, document, problem }) => [
      file,
      document !== undefined,
      problem,
    ]);

  beforeEach(() => {
    project = temporaryProject({
      "points/demo/b.yaml": "name: b\nname: c\n",
      "points/demo/a.yaml": "name: a\n",
      "points/demo/.draft.yaml": "",
      "points/demo/notes.txt": "",
      "elsewhere.yaml": "name: e\n",
    });
  });

  afterEach(() => project.remove());

  it("is the list of points, in order, with what cannot be read beside what can", () => {
    const [a, b] = gatherPoints(project.root, "points", "demo");
    const file = "points/demo/a.yaml";
    assert.deepEqual(a, { file, name: "a", document: { name: "a" }, problem: undefined });
    assert.deepEqual(b?.document, { name: "c" });
    assert.match(b.problem ?? "", /^line 2: .*name/);
    assert.equal(gatherPoints(project.root, join(project.root, "points"), "demo").length, 2);
    assert.deepEqual(gatherPoints(project.root, "points", "other"), []);
  });

  it("reads no file whose name is none of a point, and none behind a link out of it", () => {
    const folder = join(project.root, "points/demo");
    for (const name of ["Pre.yaml", "a b.yaml", "-x.yaml", "c.yml", `${"x".repeat(64)}.yaml`]) {
      writeFileSync(join(folder, name), "name: c\n");
    }
    symlinkSync(join(project.root, "elsewhere.yaml"), join(folder, "e.yaml"));
    symlinkSync("a.yaml", join(folder, "f.yaml"));
    symlinkSync("nowhere.yaml", join(folder, "g.yaml"));
    mkdirSync(join(folder, "h.yaml"));
    const read = gathered();
    assert.deepEqual(
      read.filter(([, isRead]) => isRead).map(([file]) => file),
      ["points/demo/a.yaml", "points/demo/b.yaml", "points/demo/f.yaml"],
    );
    const refused = read.filter(([, isRead]) => !isRead);
    assert.equal(refused.length, 8);
    for (const [file, , problem] of refused) {
      assert.ok(problem !== undefined, file);
    }
  });

  it("that cannot be read is not taken for one without points", () => {
    writeFileSync(join(project.root, "points/other"), "");
    const [only, ...others] = gatherPoints(project.root, "points", "other");
    assert.deepEqual(others, []);
    assert.match(only?.problem ?? "", /ENOTDIR/);
  });

  it("gives no path to a name that could lead out of it", () => {
    for (const name of ["../x", "a/b", "", "..", "A", "x\0"]) {
      assert.throws(() => pointFilePath(project.root, "points", "demo", name), Error, name);
    }
  });
});
