import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { existsSync } from "node:fs";

import { readPointFile } from "../../config/pointFile";
import { vmMembers } from "../../planning/pointMembers";
import { onPointLab, type PointLab } from "./support/pointLab";
import { thoroughly } from "../support/thoroughly";

// What this cannot show: that vSphere refuses to detach a volume while a snapshot of its VM is kept.
describe("restore points with VM snapshots", () => {
  let lab: PointLab;

  onPointLab({ group: "auto" }, (shared) => (lab = shared));

  afterEach(async () => {
    await lab.fixtures([]);
  });

  it("are refused for a VM with a volume attached, before anything is touched", async () => {
    await lab.fixtures([
      { vm: "atom-a-1", disks: [{ file: "fcd/x.vmdk", bytes: 1024, volume: "fcd-7" }] },
    ]);
    const run = await lab.create("held", { consistency: "crash", virtualMachines: "atom-a-1" });
    equal(run.status, 1);
    match(run.stderr, /preflight: failed: virtual machine of node atom-a-1: .* volume attached/);
    equal(await lab.point("held"), undefined);
  });

  it("are taken before a stopped product starts, as resources of the stack, and removed with the point", async () => {
    const how = { consistency: "stopped", virtualMachines: "atom-a-1" } as const;
    await lab.take("vms", how);
    const point = await lab.point("vms");
    ok(point !== undefined);
    const [vm] = vmMembers(point);
    const file = readPointFile(lab.fileOf("vms"));
    deepStrictEqual([file.state, file.volumes], ["ready", true]);
    deepStrictEqual(
      file.vms.map(({ node, handle }) => [node, handle]),
      [["atom-a-1", vm?.handle]],
    );
    const steps = point.journal.entries.map(({ event, step }) => `${event} ${step}`);
    ok(steps.indexOf("ended take VM snapshots") < steps.indexOf("ended stop product"));
    deepStrictEqual(
      (await lab.vmSnapshots()).map(({ reference }) => reference),
      [vm?.handle],
    );
    const drift = await lab.checkout.atom(["preview", "--expect-no-changes"]);
    equal(drift.status, 0, drift.stderr);

    await lab.take("newer");
    await lab.done(["restore-point", "expire", "vms"]);
    deepStrictEqual(await lab.vmSnapshots(), []);
    equal(existsSync(lab.fileOf("vms")), false);
    equal((await lab.point("vms"))?.state, "expired");
    const after = await lab.checkout.atom(["preview", "--expect-no-changes"]);
    equal(after.status, 0, after.stderr);
    await lab.remove("newer");
    await lab.catalog().remove("vms");
  });

  thoroughly("that fail to be taken are removed with the volumes, and leave no file", async () => {
    await lab.vmFaults([
      { method: "CreateSnapshot_Task", fault: "NoPermission", message: "not allowed" },
    ]);
    const run = await lab.create("broken", { consistency: "crash", virtualMachines: "atom-a-1" });
    await lab.vmFaults([]);
    equal(run.status, 1, run.stderr);
    equal((await lab.point("broken"))?.state, "failed");
    deepStrictEqual(await lab.vmSnapshots(), []);
    equal(existsSync(lab.fileOf("broken")), false);
    const drift = await lab.checkout.atom(["preview", "--expect-no-changes"]);
    equal(drift.status, 0, drift.stderr);
    await lab.remove("broken");
  });
});
