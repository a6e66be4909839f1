import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { pointDigest } from "../../config/pointDigest";
import { gatherPoints, pointFilePath, readPointFile } from "../../config/pointFile";
import {
  completeTake,
  markTaking,
  markExpired,
  markLost,
  recordMembers,
  setState,
} from "../../config/pointRecord";
import { ConfigurationError } from "../../config/problems";
import { vmMembers } from "../../planning/pointMembers";
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
const at = "2026-11-23T18:00:00Z";
const recordMember = (
  file: string,
  taken: { readonly node: string; readonly uuid: string; readonly handle: string },
): void =>
  recordMembers(file, [
    { kind: "virtualMachine", ...taken, lost: undefined, expiredAt: undefined },
  ]);
const uuid = (digit: number): string => `42100000-0000-4000-8000-00000000000${digit}`;

describe("a restore point file", () => {
  let project: ReturnType<typeof temporaryProject>;
  let file: string;

  beforeEach(() => {
    project = temporaryProject({ [path]: text });
    file = pointFilePath(project.root, "stacks/restore-points", "demo", "pre-24.1");
  });

  afterEach(() => project.remove());

  it("goes through a whole cut with comments and order kept", () => {
    markTaking(file);
    recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" });
    recordMember(file, { node: "b-1", uuid: uuid(2).toUpperCase(), handle: "snapshot-8" });
    completeTake(file, at);
    markLost(file, "vm b-1", "2026-11-24T18:00:00Z");
    markExpired(file, ["vm a-1"], "2026-11-25T18:00:00Z");
    const { digest } = readPointFile(file);
    assert.equal(
      readFileSync(file, "utf8"),
      `# Before the upgrade.
name: pre-24.1
release: "24.1" # in quotes
virtualMachines: all

consistency: crash
expires: 2031-01-01T00:00:00Z
state: ready # set by commands
members:
  - kind: virtualMachine
    node: a-1
    uuid: ${uuid(1)}
    handle: snapshot-7
    expiredAt: "2026-11-25T18:00:00Z"
  - kind: virtualMachine
    node: b-1
    uuid: ${uuid(2)}
    handle: snapshot-8
    lost: "2026-11-24T18:00:00Z"
takenAt: "${at}"
digest: ${String(digest)}
`,
    );
  });

  it("has the digest of what a cut fixes", () => {
    markTaking(file);
    recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" });
    completeTake(file, at);
    // SHA-256 of the canonical text, made once with another tool.
    assert.equal(
      readPointFile(file).digest,
      "9b690af897cb8d002eae4fbe257adf1bf09ed6c62309492e07d055a793c15c52",
    );
  });

  it("has a digest that neither comments nor the order of keys move", () => {
    const point = readPointFile(file);
    const turned = Object.fromEntries(Object.entries(point).reverse()) as unknown as typeof point;
    assert.equal(pointDigest(turned), pointDigest(point));
    assert.notEqual(pointDigest({ ...point, quiesce: true }), pointDigest(point));
    assert.equal(
      pointDigest({ ...point, hold: true, expires: at, state: "lost" }),
      pointDigest(point),
    );
  });

  it("writes down every member of a cut that records them at once, by node", async () => {
    markTaking(file);
    const nodes = [...Array(9).keys()];
    await Promise.all(
      [...nodes].reverse().map(async (digit) => {
        await Promise.resolve();
        recordMember(file, { node: `n-${digit}`, uuid: uuid(digit), handle: `snapshot-${digit}` });
      }),
    );
    assert.deepEqual(
      vmMembers(readPointFile(file)).map(({ handle }) => handle),
      nodes.map((digit) => `snapshot-${digit}`),
    );
    assert.deepEqual(readdirSync(dirname(file)), ["pre-24.1.yaml"]);
  });

  it("takes the same member twice, and refuses another handle for it", () => {
    markTaking(file);
    recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" });
    const once = readFileSync(file, "utf8");
    recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" });
    assert.equal(readFileSync(file, "utf8"), once);
    assert.throws(() => recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-9" }), {
      message:
        "Restore point pre-24.1 is recorded with snapshot-7; snapshot-9 of a-1 is not written down",
    });
  });

  it("is cut once", () => {
    markTaking(file);
    markTaking(file);
    completeTake(file, at);
    const before = readFileSync(file, "utf8");
    const refusal = { message: `Restore point pre-24.1 was cut at ${at} and is never cut again` };
    assert.throws(() => markTaking(file), refusal);
    assert.throws(() => completeTake(file, at), {
      message: `Restore point pre-24.1 was cut at ${at} already`,
    });
    assert.throws(() => recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" }), {
      message:
        "Restore point pre-24.1 is recorded without it; snapshot-7 of a-1 is not written down",
    });
    assert.equal(readFileSync(file, "utf8"), before);
  });

  it("may fail and be cut after all", () => {
    markTaking(file);
    setState(file, "failed");
    markTaking(file);
    assert.equal(readPointFile(file).state, "taking");
  });

  it("keeps the first time at which a member was lost", () => {
    markTaking(file);
    recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" });
    completeTake(file, at);
    markLost(file, "vm a-1", "2026-11-24T18:00:00Z");
    markLost(file, "vm a-1", "2026-11-25T18:00:00Z");
    assert.equal(readPointFile(file).members[0]?.lost, "2026-11-24T18:00:00Z");
    assert.throws(() => markLost(file, "vm z-1", at), {
      message: "Restore point pre-24.1 has no member vm z-1",
    });
  });

  it("is never written in a state that cannot be read again", () => {
    assert.throws(
      () => recordMember(file, { node: "a-1", uuid: uuid(1), handle: "snapshot-7" }),
      ConfigurationError,
    );
    assert.equal(readFileSync(file, "utf8"), text);
  });
});

describe("the folder of restore points", () => {
  it("is read in order, with what cannot be read beside what can", () => {
    const { root, remove } = temporaryProject({
      "points/demo/b.yaml": "name: b\nname: c\n",
      "points/demo/a.yaml": "name: a\n",
      "points/demo/.draft.yaml": "",
      "points/demo/notes.txt": "",
    });
    try {
      const expected = [
        { file: "points/demo/a.yaml", name: "a", document: { name: "a" }, problem: undefined },
        {
          file: "points/demo/b.yaml",
          name: "b",
          document: { name: "c" },
          problem: "line 2: has the key name a second time. Keep one of the two.",
        },
      ];
      assert.deepEqual(gatherPoints(root, "points", "demo"), expected);
      assert.deepEqual(gatherPoints(root, join(root, "points"), "demo"), expected);
      assert.deepEqual(gatherPoints(root, "points", "other"), []);
    } finally {
      remove();
    }
  });
});
