import { deepStrictEqual, equal, match } from "node:assert/strict";

import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { inventory } from "../restorepoint/verify/takeRestorePoint";
import { rollbackCase, type RollbackCase } from "./support/killRollback";
import { sharedPointLab, type PointLab } from "./support/pointLab";
import { liveVolumes, resetProduct, rolledState } from "./support/rolledState";

const namespace = PRODUCT_NAMESPACE;
const set = { apiVersion: "apps/v1", kind: "StatefulSet", namespace, name: "inventory" };

describe("a rollback among things that stand in its way", () => {
  let lab: PointLab;
  let one: RollbackCase;

  before(async () => {
    lab = await sharedPointLab();
    lab.group("never");
    lab.narrow("inventory");
    one = await rollbackCase(lab, "states");
  });

  after(async () => {
    lab.narrow("all");
    await lab.remove("states");
    await resetProduct(lab);
  });

  const roll = (...args: readonly string[]) => lab.checkout.atom(["rollback", "states", ...args]);

  /** Undoes whatever was done, and looks that all is as before and nothing is left. */
  const undone = async (before: Awaited<ReturnType<typeof inventory>>): Promise<void> => {
    await lab.done(["rollback", "states", "--undo"]);
    deepStrictEqual(await rolledState(lab), one.since);
    await lab.done(["rollback", "states", "--purge"]);
    deepStrictEqual(await inventory(lab), before);
  };

  it("keeps claims that whenScaled: Delete would delete, and gives the policy back", async () => {
    const before = await inventory(lab);
    const volumes = await liveVolumes(lab);
    const policy = async (whenScaled: "Delete" | "Retain"): Promise<void> => {
      await lab.cluster.modify(set, "test", (live) => ({
        ...live,
        spec: {
          ...(live["spec"] as object),
          persistentVolumeClaimRetentionPolicy: { whenScaled, whenDeleted: "Retain" },
        },
      }));
    };
    await policy("Delete");
    try {
      const changed = await rolledState(lab);
      equal((await roll()).status, 0);
      deepStrictEqual(await rolledState(lab), one.then);
      await lab.done(["rollback", "--undo"]);
      deepStrictEqual(await rolledState(lab), changed);
    } finally {
      await policy("Retain");
    }
    deepStrictEqual(await liveVolumes(lab), volumes);
    await lab.done(["rollback", "states", "--purge"]);
    deepStrictEqual(await inventory(lab), before);
  });

  it("stops nothing while a volume cannot be restored, says why, and goes on once it can", async () => {
    const before = await inventory(lab);
    const refuse = { code: "InvalidArgument", message: "no pool has room" };
    lab.faults([{ method: "CreateVolume", action: { refuse } }]);
    const run = await roll();
    lab.faults([]);
    equal(run.status, 1, run.stderr);
    match(run.stderr, /Not restored: .*no pool has room.*Nothing was stopped/);
    deepStrictEqual(await rolledState(lab), one.since);
    const other = await lab.create("meanwhile", { consistency: "crash" });
    equal(other.status, 1, other.stderr);
    match(other.stderr, /A rollback to states was begun/);
    equal((await roll()).status, 0);
    deepStrictEqual(await rolledState(lab), one.then);
    await undone(before);
  });
});
