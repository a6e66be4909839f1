import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FolderSide, ledgerFolder } from "../../../restorepoint/catalog/folderSide";
import { operator } from "../../../restorepoint/catalog/ledger";
import { LedgerError } from "../../../restorepoint/catalog/types";
import { ledgerOver, MemorySide, SEED } from "./support";

describe("the ledger's copy in a folder", () => {
  let root: string;
  let folder: string;
  let side: FolderSide;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "atom-ledger-"));
    folder = ledgerFolder(root, "state/ledger", "lab");
    side = new FolderSide(folder, "lab");
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is one file for each point, and none before the first write", async () => {
    assert.equal(folder, join(root, "state/ledger/lab"));
    assert.deepEqual([...(await side.list()).keys()], []);
    assert.equal(await side.read("pre-24.1"), undefined);
    const ledger = ledgerOver(side, new MemorySide("cluster", true));
    await (await ledger.open("pre-24.1", "create", SEED)).close("done");
    await ledger.open("b", "create", SEED);
    assert.deepEqual(readdirSync(folder), ["b.json", "pre-24.1.json"]);
    assert.equal((await side.read("pre-24.1"))?.document.sequence, 2);
    assert.deepEqual([...(await side.list()).keys()], ["b", "pre-24.1"]);
    await side.remove("b");
    await side.remove("b");
    assert.deepEqual(readdirSync(folder), ["pre-24.1.json"]);
  });

  it("lists a damaged file with what to do, and the others as well", async () => {
    const ledger = ledgerOver(side, new MemorySide("cluster", true));
    await ledger.open("good", "create", SEED);
    writeFileSync(join(folder, "bad.json"), '{"version": 1, "stack": "lab"}');
    writeFileSync(join(folder, ".good.json.1.tmp"), "left over");
    const found = await side.list();
    assert.deepEqual([...found.keys()], ["bad", "good"]);
    const bad = found.get("bad");
    assert.ok(bad instanceof LedgerError);
    assert.equal(
      bad.message,
      `The ledger ${folder}/bad.json cannot be used: point is missing, a text is needed. Nothing was changed. ` +
        "Take it from a backup of that folder, or move it away: then what is in the cluster counts.",
    );
  });

  it("says that a step was not begun when it cannot be written down", async () => {
    writeFileSync(join(root, "state"), "a file where a folder is needed");
    const ledger = ledgerOver(side, new MemorySide("cluster", true));
    await assert.rejects(ledger.open("p", "create", SEED), (error: Error) => {
      assert.match(
        error.message,
        /^The ledger .*\/p\.json cannot be read: ENOTDIR: .*\. Nothing was changed\.$/,
      );
      return error instanceof LedgerError;
    });
    rmSync(join(root, "state"));
    const journal = await ledger.open("p", "create", SEED);
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    chmodSync(folder, 0o600);
    await assert.rejects(journal.begin("cut"), (error: Error) => {
      assert.match(
        error.message,
        /^The ledger .* cannot be written: .*\. The step was not begun\.$/,
      );
      return error instanceof LedgerError;
    });
  });

  it("names the operator by user and machine", () => {
    assert.match(operator(), /^[^@]+@[^@]+$/);
  });
});
