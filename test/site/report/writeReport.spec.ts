import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { writeReport } from "../../../site/report/writeReport";

describe("writeReport", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "atom-report-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("makes missing folders and replaces an earlier page", async () => {
    const path = join(folder, "deep", "report.html");
    await writeReport(path, "one");
    await writeReport(path, "two");
    assert.equal(await readFile(path, "utf8"), "two");
    assert.deepEqual(await readdir(join(folder, "deep")), ["report.html"]);
  });

  it("leaves nothing behind when it cannot write", async () => {
    const path = join(folder, "taken");
    await mkdir(path);
    await assert.rejects(writeReport(path, "page"), /taken/u);
    assert.deepEqual(await readdir(folder), ["taken"]);
  });
});
