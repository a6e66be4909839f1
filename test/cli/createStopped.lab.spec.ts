import { deepStrictEqual, equal, match } from "node:assert/strict";

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { onPointLab, type PointLab, type Taking } from "./support/pointLab";
import { productState } from "./support/productState";
import { requireWhole, storedSnapshots } from "./support/wholePoint";
import { thoroughly } from "../support/thoroughly";

const stopped: Taking = { consistency: "stopped" };
const set = {
  apiVersion: "apps/v1",
  kind: "StatefulSet",
  namespace: PRODUCT_NAMESPACE,
  name: "inventory",
};

describe("stopping the product for a restore point", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  /** What becomes of the claims of a StatefulSet that is scaled down. */
  const whenScaled = async (policy: "Delete" | "Retain"): Promise<void> => {
    await lab.cluster.modify(set, "test", (live) => ({
      ...live,
      spec: {
        ...(live["spec"] as object),
        persistentVolumeClaimRetentionPolicy: { whenScaled: policy, whenDeleted: "Retain" },
      },
    }));
  };

  it("suspends the policy that would delete its claims, also over a kill, and loses nothing", async () => {
    lab.write("moment of the policy");
    await whenScaled("Delete");
    try {
      const before = await productState(lab);
      equal(await lab.createAndKill("policy", stopped, 34, 0), true);
      const killed = await lab.point("policy");
      deepStrictEqual(
        killed?.workloads.filter((one) => one.whenScaled !== undefined).map(({ name }) => name),
        ["inventory"],
      );
      await lab.take("policy", stopped);
      await requireWhole(lab, "policy", stopped, ["moment of the policy"]);
      deepStrictEqual(await productState(lab), before);
    } finally {
      await whenScaled("Retain");
      await lab.remove("policy");
    }
  });

  it("is refused by the name of a claim that would go, and of a workload that would come back", async () => {
    const before = await productState(lab);
    const claim = { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace: set.namespace };
    const reference = { ...claim, name: "data-inventory-0" };
    const pod = await lab.cluster.get({ ...claim, kind: "Pod", name: "inventory-0" });
    const owned = async (owners: readonly object[]): Promise<void> => {
      await lab.cluster.modify(reference, "test", (live) => ({
        ...live,
        metadata: { ...live.metadata, ownerReferences: owners },
      }));
    };
    const { uid, name } = pod?.metadata ?? { name: "" };
    await owned([{ apiVersion: "v1", kind: "Pod", name, uid }]);
    const run = await lab.create("owned", stopped);
    await owned([]);
    equal(run.status, 1, run.stderr);
    match(run.stderr, /PersistentVolumeClaim atom\/data-inventory-0 belongs to Pod inventory-0/);
    equal(await lab.point("owned"), undefined);
    deepStrictEqual(await productState(lab), before);
  });

  /** The catalog's folder is no folder any more. @returns how it is mended */
  const breakCatalog = (): (() => void) => {
    const folder = join(lab.root, ".pulumi-state", "catalog", "lab");
    renameSync(folder, `${folder}.aside`);
    writeFileSync(folder, "");
    return () => {
      rmSync(folder);
      renameSync(`${folder}.aside`, folder);
    };
  };

  thoroughly("starts it again although nothing can be written down, and says so", async () => {
    lab.write("moment of the full disk");
    const before = await productState(lab);
    const action = { delayMs: 3000 };
    lab.faults([{ method: "CreateSnapshot", claim: "atom/data-inventory-0", action }]);
    const running = lab.create("full", stopped);
    await lab.isStopped();
    const mend = breakCatalog();
    try {
      const run = await running;
      equal(run.status, 1, run.stderr);
      match(
        run.stderr,
        /The product runs again, which could not be written down\. The record .*full\.json/,
      );
      deepStrictEqual(await productState(lab), before);
      deepStrictEqual(storedSnapshots(lab), []);
    } finally {
      mend();
      lab.faults([]);
    }
    await lab.take("full", stopped);
    await requireWhole(lab, "full", stopped, ["moment of the full disk"]);
    deepStrictEqual(await productState(lab), before);
    await lab.remove("full");
  });

  thoroughly("starts what a killed run left stopped before it insists on its records", async () => {
    lab.write("moment of the kill");
    const before = await productState(lab);
    equal(await lab.createAndKill("dark", stopped, 34, 0), true);
    const mend = breakCatalog();
    const run = await lab.create("dark", stopped);
    mend();
    equal(run.status, 1, run.stderr);
    match(run.stderr, /The product runs again\. That is not written down/);
    deepStrictEqual(await productState(lab), before);
    await lab.take("dark", stopped);
    await requireWhole(lab, "dark", stopped, ["moment of the kill"]);
    await lab.remove("dark");
  });
});
