import { deepStrictEqual, equal, match } from "node:assert/strict";

import { sharedDeployedLab } from "./support/deployedLab";
import { lookAt } from "./support/tamper";
import { CLASS } from "./support/tamperCluster";
import { FAILURES, failingDeployment, failsAsSaid, type FailingLab } from "./support/tamperSystems";
import { TAMPERINGS } from "./support/tamperings";

describe("./atom drift on the lab", () => {
  /** Looks with the rights that are published for it, and no others. */
  let lab: FailingLab;

  before(async () => {
    lab = await failingDeployment(await sharedDeployedLab());
  });

  it("finds nothing on an untouched lab, and names every object that it looked at", async () => {
    const { status, findings, all } = await lookAt(lab);
    deepStrictEqual([status, findings], [0, []]);
    const objects = all.map(({ object }) => object);
    for (const object of [
      "StorageClass atom-replicated",
      "CSI driver lab.csi.atom.example",
      "VM of node atom-a-cp",
      `VM snapshot ${lab.snapshot} of atom-b-1`,
      "restore point pre-24.1",
    ]) {
      equal(objects.includes(object), true, object);
    }
  });

  // Each look also shows that the tampering before was undone.
  for (const { title, make, finds } of TAMPERINGS.filter(({ gate }) => gate)) {
    it(`finds ${title}, and nothing else`, async () => {
      const undo = await make(lab);
      try {
        const { status, findings } = await lookAt(lab);
        deepStrictEqual([status, findings], [7, typeof finds === "function" ? finds(lab) : finds]);
      } finally {
        await undo();
      }
    });
  }

  for (const failure of FAILURES.filter(({ gate }) => gate)) {
    it(`says what is unknown, and all else, while ${failure.title}`, async () => {
      await failsAsSaid(failure, lab);
    });
  }

  it("is clean again, says so for people and for a pipeline, and has nothing to heal", async () => {
    const { status, stdout } = await lab.checkout.atom(["drift"]);
    deepStrictEqual([status, /^\d+ as declared$/m.test(stdout)], [0, true], stdout);
    const junit = await lab.checkout.atom(["drift", "--junit", "--only", "vcenter"]);
    match(
      junit.stdout,
      /<testsuite name="drift of stack lab" tests="\d+" failures="0" errors="0">/,
    );
    match(junit.stdout, /<testcase classname="drift" name="VM of node atom-a-1">/);
    equal(/StorageClass/.test(junit.stdout), false);
    const healed = await lab.checkout.atom(["heal"]);
    deepStrictEqual(
      [healed.status, /nothing that this command mends/.test(healed.stderr)],
      [0, true],
    );
  });

  it("heals a class that was deleted and one that was edited, and touches nothing else", async () => {
    const { cluster, vcenter, checkout } = lab;
    const before = JSON.stringify((await vcenter.vms()).map(({ snapshots }) => snapshots));
    await cluster.delete(CLASS, undefined);
    const snapshotClass = {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotClass",
      name: "atom-snapshots",
    };
    await cluster.modify(snapshotClass, "test", (live) => ({ ...live, deletionPolicy: "Delete" }));
    const { status, stdout, stderr } = await checkout.atom(["heal"]);
    equal(status, 0, stdout + stderr);
    match(stderr, /\+ missing: StorageClass atom-replicated/);
    deepStrictEqual((await lookAt(lab)).findings, []);
    equal(JSON.stringify((await vcenter.vms()).map(({ snapshots }) => snapshots)), before);
  });
});
