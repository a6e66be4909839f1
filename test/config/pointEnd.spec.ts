import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { checkConfiguration } from "../../config/parseSite";
import { readPointFile } from "../../config/pointFile";
import {
  completeTake,
  endPoint,
  markExpiring,
  markLost,
  recordMembers,
} from "../../config/pointRecord";
import { readConfiguration } from "../../config/readConfiguration";
import { isLiving, memberKey } from "../../planning/pointMembers";
import { vmMember, volume } from "../restorepoint/expire/fixtures";

describe("the file of a restore point that ends", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "atom-point-"));
    file = join(folder, "old.yaml");
    writeFileSync(
      file,
      [
        "name: old",
        'release: "24.1"',
        "virtualMachines: none",
        "consistency: crash",
        'expires: "2026-12-01T00:00:00Z" # after the upgrade',
        "state: taking",
        "",
      ].join("\n"),
    );
    const uuid = "4210aaaa-0000-4000-8000-000000000001";
    recordMembers(file, [volume("old", "data-0"), vmMember("old", "a-1", { uuid })]);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("does not begin to end before it was cut", () => {
    throws(() => markExpiring(file), { message: "Restore point old is taking and was never cut" });
  });

  it("is marked, and then ended with all members but the lost ones, twice as well as once", () => {
    completeTake(file, "2026-11-25T00:00:00Z");
    markLost(file, "vm a-1", "2026-11-26T00:00:00Z");
    markExpiring(file);
    markExpiring(file);
    equal(readPointFile(file).state, "expiring");
    endPoint(file, "2026-11-27T00:00:00Z");
    const text = readFileSync(file, "utf8");
    endPoint(file, "2026-11-28T00:00:00Z");
    markExpiring(file);
    equal(readFileSync(file, "utf8"), text);
    equal(text.includes("# after the upgrade"), true);
    const { state, members } = readPointFile(file);
    equal(state, "expired");
    equal(members.some(isLiving), false);
    deepStrictEqual(
      members.map((member) => [memberKey(member), member.lost, member.expiredAt]),
      [
        ["vm a-1", "2026-11-26T00:00:00Z", undefined],
        ["volume atom/data-0", undefined, "2026-11-27T00:00:00Z"],
      ],
    );
  });
});

describe("a point file that is not listed", () => {
  it("is worth a note, unless the point has expired", () => {
    const { raw } = readConfiguration("lab");
    const notes = (state: string): number =>
      checkConfiguration({
        ...raw,
        points: [
          ...raw.points,
          { file: "x.yaml", name: "x", document: { name: "x", state }, problem: undefined },
        ],
      }).notes.length;
    equal(notes("ready") - notes("expired"), 1);
  });
});
