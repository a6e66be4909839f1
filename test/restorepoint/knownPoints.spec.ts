import { deepEqual, equal } from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { catalogFolder, FolderSide } from "../../restorepoint/catalog/folderSide";
import { readPoints } from "../../restorepoint/knownPoints";
import { pointFile } from "../support/points";
import { siteOf } from "../support/sites";
import { catalogOver, MemorySide, seed } from "./catalog/support";

describe("the restore points of a stack", () => {
  const root = mkdtempSync(join(tmpdir(), "atom-known-"));

  after(() => rmSync(root, { recursive: true }));

  it("are those of the mirror and of point files without a cluster, and what is unread is said", async () => {
    const site = siteOf({ restorePoints: [pointFile({ name: "declared" })] });
    const folder = catalogFolder(root, site.catalogDir, "lab");
    mkdirSync(folder, { recursive: true });
    const catalog = catalogOver(new FolderSide(folder, "lab"), new MemorySide("cluster", true));
    await (await catalog.open(seed("whole"), "restore-point create")).close("done");
    writeFileSync(join(folder, "damaged.json"), "{");
    const stackFile = { path: join(root, "Pulumi.lab.yaml") };
    const found = await readPoints({
      stack: { root, name: "lab", isLab: false, site, stackFile },
      cluster: { state: "unknown", why: "It is silent." },
    });
    deepEqual(
      found.points.map(({ name }) => name),
      ["whole", "declared"],
    );
    equal(found.unknown.length, 2);
    equal(found.unknown[0]?.includes(join(folder, "damaged.json")), true);
    equal(found.unknown[1], "Catalog: It is silent.");
    deepEqual([...found.claimsProof], []);
  });
});
