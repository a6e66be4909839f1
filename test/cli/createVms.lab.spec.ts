import { deepStrictEqual, equal, ok } from "node:assert/strict";

import { sharedPointLab, type PointLab } from "./support/pointLab";

const volume = { vm: "atom-a-1", disks: [{ file: "fcd/x.vmdk", bytes: 1024, volume: "fcd-7" }] };

// What this cannot show: that vSphere refuses to detach the volume.
describe("restore-point create, where a node's VM has a volume attached", () => {
  let lab: PointLab;

  before(async () => {
    lab = await sharedPointLab();
  });

  afterEach(async () => {
    await lab.systems.fixtures([]);
    for (const { reference } of await lab.systems.snapshots()) {
      await lab.systems.vcenter.removeSnapshot(reference, { timeoutMs: 60_000 });
    }
  });

  it("refuses to cut that VM, before anything is touched", async () => {
    await lab.systems.fixtures([volume]);
    const run = await lab.create("held", { consistency: "crash", virtualMachines: "atom-a-1" });
    equal(run.status, 1);
    ok(
      run.stderr.includes(
        "preflight: failed: virtual machine of node atom-a-1: atom-a-1 has 1 volume attached (Hard disk 2: fcd-7), which cannot be " +
          "detached while a snapshot of it is kept, so no pod that uses one can move.",
      ),
      run.stderr,
    );
    equal(lab.point("held"), undefined);
    deepStrictEqual(await lab.systems.snapshots(), []);
  });

  it("is told by preview, while somebody's snapshot of the VM exists", async () => {
    await lab.systems.fixtures([volume]);
    const { reference } = await lab.systems.vm("atom-a-1");
    const request = { name: "theirs", description: "", memory: false, quiesce: false };
    await lab.systems.vcenter.createSnapshot(reference, request, { timeoutMs: 60_000 });
    const { stderr } = await lab.done(["preview"]);
    ok(
      stderr.includes(
        "  now: volumes of node atom-a-1 cannot be detached while snapshot theirs exists: fail-over of their pods waits",
      ),
      stderr,
    );
  });
});
