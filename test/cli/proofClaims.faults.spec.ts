import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";

import { memberKey, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { ClusterSide } from "../../restorepoint/catalog/clusterSide";
import { withEntry } from "../../restorepoint/catalog/entries";
import { onPointLab, type PointLab } from "./support/pointLab";
import { storedSnapshots } from "./support/wholePoint";

const MIRROR = join(".pulumi-state", "catalog", "lab");

describe("a proof that only the cluster claims", () => {
  let lab: PointLab;

  onPointLab({ part: "inventory", points: ["old", "new"] }, async (shared) => {
    lab = shared;
    await lab.done(["restore-point", "verify", "old"]);
  });

  const refused = async (why: RegExp): Promise<void> => {
    const stored = storedSnapshots(lab);
    const { status, stderr } = await lab.restorePoint("expire", "old");
    equal(status, 1, stderr);
    match(stderr, why);
    deepStrictEqual(storedSnapshots(lab), stored);
  };

  /** Whoever may write ConfigMaps in the namespace writes the newer point's record, with a digest that holds. */
  const forge = async (): Promise<void> => {
    const side = new ClusterSide({ client: lab.cluster, stack: "lab", namespace: "atom-backup" });
    const stored = await side.read("new");
    ok(stored !== undefined);
    const at = new Date().toISOString();
    const proofs = volumeMembers(stored.document).map((member) => ({
      member: memberKey(member),
      result: "proven" as const,
      at,
      seconds: 1,
    }));
    const entry = { at, who: "mallory@pod", command: "restore-point verify", run: 9, detail: {} };
    const forged: PointRecord = withEntry(stored.document, { ...entry, event: "noted", step: "x" });
    await side.write({ ...forged, verifications: proofs }, stored.token);
  };

  it("ends no older point that was proven", async () => {
    await forge();
    const { stdout } = await lab.restorePoint("list");
    match(stdout, /^new +ready .* never /m);
    await refused(/Restore point old is not removed: it is the newest proven point/);
  });

  it("is verified anew before anything older ends, also where the copy off the cluster is lost", async () => {
    for (const name of ["old", "new"]) {
      rmSync(join(lab.root, MIRROR, `${name}.json`));
    }
    await refused(/waits: that (old|new) was proven, the cluster alone says/);
    await lab.done(["restore-point", "verify", "new"]);
    const { status, stderr } = await lab.restorePoint("expire", "old");
    equal(status, 0, stderr);
    equal((await lab.point("old"))?.state, "expired");
  });
});
