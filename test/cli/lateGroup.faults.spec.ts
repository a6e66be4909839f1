import { equal, ok } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { field } from "../../clients/kubernetes/object";
import { PRODUCT_NAMESPACE } from "../../lab/product/parts";
import { onPointLab, type PointLab, type Taking } from "./support/pointLab";
import { replicasOf, requireWhole } from "./support/wholePoint";

const how: Taking = { consistency: "stopped" };

describe("a group that gets ready long after it was taken", () => {
  let lab: PointLab;

  onPointLab({ group: "auto" }, (shared) => {
    lab = shared;
    lab.write("moment of the group");
  });

  after(async () => {
    lab.faults([]);
    await lab.remove("late");
  });

  it("does not keep the product stopped, and the point is whole in the end", async () => {
    lab.faults([{ method: "CreateVolumeGroupSnapshot", action: { readyAfterMs: 90_000 } }]);
    let ended = false;
    const running = lab.create("late", how).finally(() => (ended = true));
    await Promise.race([lab.isStopped(), running]);
    const runs = async (): Promise<boolean> => {
      const namespace = PRODUCT_NAMESPACE;
      const sets = await lab.cluster.list("apps/v1", "StatefulSet", { namespace });
      return sets.every((set) => replicasOf(set) > 0);
    };
    while (!(await runs())) {
      ok(!ended, "the command has ended, and the product does not run");
      await pause(200);
    }
    const api = "groupsnapshot.storage.k8s.io/v1";
    const [group] = await lab.cluster.list(api, "VolumeGroupSnapshot");
    ok(group !== undefined && field(group, "status", "creationTime") !== undefined);
    equal(field(group, "status", "readyToUse") ?? false, false);
    const { status, stderr } = await running;
    equal(status, 0, stderr);
    await requireWhole(lab, "late", how, ["moment of the group"]);
  });
});
