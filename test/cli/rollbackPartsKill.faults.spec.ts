import { deepStrictEqual, equal, match } from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { LAB_STORAGE_NODES } from "../../lab/inventory";
import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { volumeMembers } from "../../planning/pointMembers";
import { pendingSteps } from "../../restorepoint/catalog/entries";
import { atEveryMoment } from "./support/everyMoment";
import { killedAt } from "./support/killRollback";
import { onPointLab, type PointLab } from "./support/pointLab";
import { requireReleased } from "./support/wholePoint";

const NODES = LAB_STORAGE_NODES.map(({ name }) => name);

describe("the parts of a way back that are killed at every moment", () => {
  let lab: PointLab;

  onPointLab({ part: "inventory", points: ["parts"] }, (shared) => (lab = shared));

  /** Nothing is left to do, and nobody holds the stack once another command was there. */
  const settled = async (name: string): Promise<void> => {
    await lab.done(["restore-point", "hold", name, "--off"]);
    deepStrictEqual(pendingSteps((await lab.point(name))?.journal.entries ?? []), []);
    await requireReleased(lab);
  };

  it("revert the VMs that are left, and power all on", async () => {
    await lab.take("machines", { consistency: "crash", virtualMachines: NODES.join(",") });
    const args = ["rollback", "machines", "--vms-only"];
    await atEveryMoment(async (moment) => {
      const killed = await killedAt(lab, args, moment, "command");
      const run = await lab.checkout.atom(args);
      equal(run.status, 0, `moment ${moment}: ${run.stderr}`);
      const on = (await lab.vms()).filter(({ powerState }) => powerState === "poweredOn");
      equal(on.length, NODES.length + 3);
      await settled("machines");
      return killed;
    });
    await lab.remove("machines");
  });

  it("bind a VolumeSnapshot again", async () => {
    const [member] = volumeMembers((await lab.point("parts")) ?? { members: [] });
    const apiVersion = "snapshot.storage.k8s.io/v1";
    const namespace = PRODUCT_NAMESPACE;
    const kind = "VolumeSnapshot";
    const args = ["restore-point", "repair", "parts"];
    const before = await lab.live();
    await atEveryMoment(async (moment) => {
      const reference = { apiVersion, kind, namespace, name: member?.snapshot ?? "" };
      await lab.cluster.delete(reference, undefined);
      const killed = await killedAt(lab, args, moment, "command");
      await lab.done(args);
      match((await lab.done(["restore-point", "list"])).stdout, /^parts +ready +/m);
      const { VolumeSnapshot: snapshots, VolumeSnapshotContent: contents } = await lab.live();
      deepStrictEqual(snapshots, before["VolumeSnapshot"]);
      equal(contents?.length, before["VolumeSnapshotContent"]?.length);
      await settled("parts");
      return killed;
    });
    await lab.done(["restore-point", "verify", "parts"]);
  });

  it("bind the stack to another cluster", async () => {
    await atEveryMoment(async (moment) => {
      lab.edit(["cluster", "clusterUid"], randomUUID());
      const killed = await killedAt(lab, ["rebind-cluster"], moment, "command");
      await lab.done(["rebind-cluster"]);
      match((await lab.done(["rebind-cluster"])).stderr, /nothing to move/);
      await settled("parts");
      return killed;
    });
  });
});
