import { deepStrictEqual, equal, match } from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";

import { onPointLab, type PointLab } from "./support/pointLab";
import { requireWhole } from "./support/wholePoint";

describe("two commands on the restore points of one stack", () => {
  let lab: PointLab;

  onPointLab({}, (shared) => (lab = shared));

  /** Waits until a command has begun to work on a point. */
  const begun = async (name: string): Promise<void> => {
    while ((await lab.point(name)) === undefined) {
      await pause(5);
    }
  };

  /** Lets the driver put one volume off, so that a command lasts until another was refused. */
  const putOff = (method: string): void => {
    const refuse = { code: "Unavailable", message: "not yet" };
    lab.faults([{ method, claim: "atom/data-telemetry-1", action: { refuse } }]);
  };

  const refusal = /Another command works on the stack lab: .+ pid \d+ holds the lease/;

  afterEach(() => {
    lab.faults([]);
  });

  it("lets one create do its work, and names it to the other", async () => {
    lab.write("moment of both");
    putOff("CreateSnapshot");
    // Frozen, the volumes may be taken far apart: a volume that is put off is taken late.
    const first = lab.create("one", { consistency: "frozen" });
    await begun("one");
    const second = await lab.create("two", { consistency: "crash" });
    lab.faults([]);
    equal(second.status, 1, second.stderr);
    match(second.stderr, refusal);
    equal(await lab.point("two"), undefined);
    const { status, stderr } = await first;
    equal(status, 0, stderr);
    await requireWhole(lab, "one", { consistency: "frozen" }, ["moment of both"]);
  });

  it("refuses a create while a point is removed", async () => {
    await lab.take("newer");
    putOff("DeleteSnapshot");
    const removal = lab.restorePoint("expire", "one");
    while ((await lab.point("one"))?.state !== "expiring") {
      await pause(5);
    }
    const create = await lab.create("two", { consistency: "crash" });
    lab.faults([]);
    equal(create.status, 1, create.stderr);
    match(create.stderr, refusal);
    equal(await lab.point("two"), undefined);
    const { status, stderr } = await removal;
    equal(status, 0, stderr);
    equal((await lab.point("one"))?.state, "expired");
  });

  it("takes over from a holder that was killed, and leaves no lease", async () => {
    equal(await lab.createAndKill("two", { consistency: "crash" }, 12, 0), true);
    lab.write("moment after the kill");
    const { status, stderr } = await lab.create("two", { consistency: "crash" });
    equal(status, 0, stderr);
    equal((await lab.point("two"))?.state, "ready");
    const leases = await lab.cluster.list("coordination.k8s.io/v1", "Lease", {
      namespace: "atom-backup",
    });
    deepStrictEqual(leases, []);
    await lab.remove("newer");
    await lab.remove("two");
    await lab.catalog().remove("one");
  });
});
