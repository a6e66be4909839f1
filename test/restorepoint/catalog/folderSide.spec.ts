import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { FolderSide, catalogFolder } from "../../../restorepoint/catalog/folderSide";
import { CatalogError } from "../../../restorepoint/catalog/errors";
import { catalogOver, MemorySide, seed } from "./support";

describe("the catalog's copy in a folder", () => {
  let root: string;
  let folder: string;
  let side: FolderSide;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "atom-catalog-"));
    folder = catalogFolder(root, "state/catalog", "lab");
    side = new FolderSide(folder, "lab");
  });

  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it("is one file for each point, and none before the first write", async () => {
    assert.equal(folder, join(root, "state/catalog/lab"));
    assert.deepEqual([...(await side.list()).keys()], []);
    assert.equal(await side.read("pre-24.1"), undefined);
    const catalog = catalogOver(side, new MemorySide("cluster", true));
    await (await catalog.open(seed("pre-24.1"), "create")).close("done");
    await catalog.open(seed("b"), "create");
    assert.deepEqual(readdirSync(folder), ["b.json", "pre-24.1.json"]);
    assert.equal((await side.read("pre-24.1"))?.document.journal.sequence, 2);
    assert.deepEqual([...(await side.list()).keys()], ["b", "pre-24.1"]);
    await side.remove("b");
    await side.remove("b");
    assert.deepEqual(readdirSync(folder), ["pre-24.1.json"]);
  });

  it("lists a damaged file with what to do, and the others as well", async () => {
    const catalog = catalogOver(side, new MemorySide("cluster", true));
    await catalog.open(seed("good"), "create");
    writeFileSync(join(folder, "bad.json"), '{"version": 1, "stack": "lab"}');
    writeFileSync(join(folder, ".good.json.1.tmp"), "left over");
    const found = await side.list();
    assert.deepEqual([...found.keys()], ["bad", "good"]);
    const bad = found.get("bad");
    assert.ok(bad instanceof CatalogError);
    assert.ok(bad.message.startsWith(`The record ${folder}/bad.json cannot be used: name: `));
  });

  it("says what to do when it cannot be written down", async () => {
    writeFileSync(join(root, "state"), "a file where a folder is needed");
    const catalog = catalogOver(side, new MemorySide("cluster", true));
    await assert.rejects(catalog.open(seed("p"), "create"), (error: Error) => {
      assert.match(
        error.message,
        /^The record .*\/p\.json cannot be read: ENOTDIR: .*\. Nothing was changed\.$/,
      );
      return error instanceof CatalogError;
    });
    rmSync(join(root, "state"));
    const journal = await catalog.open(seed("p"), "create");
    rmSync(folder, { recursive: true });
    writeFileSync(folder, "");
    chmodSync(folder, 0o600);
    await assert.rejects(journal.begin("take"), (error: Error) => {
      assert.match(
        error.message,
        /^The record .* cannot be written: .*\. Make room or mend the folder, .*$/,
      );
      return error instanceof CatalogError;
    });
  });

  it("takes no name that could lead out of the folder", async () => {
    for (const name of ["../p", "a/b", "", "..", "A"]) {
      await assert.rejects(side.read(name), CatalogError);
      await assert.rejects(side.remove(name), CatalogError);
      await assert.rejects(side.write(seed(name)), CatalogError);
    }
  });
});
