import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { inspect } from "node:util";

import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "../../../lab/credentials";
import { vcenterServer } from "../../../lab/environment";
import { LAB_NODES } from "../../../lab/inventory";
import { findDrift } from "../../../drift/findings";
import { desiredOf, member, point, stateOf } from "../../drift/fixtures";
import type { LabSystems } from "../../support/labSystems";
import { labUuid } from "../../support/labSystems";
import { sharedLab } from "../../support/sharedLab";
import { VcenterClient } from "../../../clients/vcenter/client";
import {
  awaitClones,
  cloneVm,
  destroyVm,
  identifyVm,
  readMachine,
} from "../../../clients/vcenter/images";
import type { VcenterChoice } from "../../../clients/vcenter/session";
import { readNamed } from "../../../clients/vcenter/vms";

const watch = { timeoutMs: 60_000 };

// What this cannot show: what a real vCenter does to disks, memory and the guest.
describe("the vCenter client", () => {
  let lab: LabSystems;

  before(async () => {
    lab = await sharedLab();
  });

  afterEach(async () => {
    await lab.faults([]);
    await lab.clear([]);
  });

  const choice = (): VcenterChoice => ({
    server: vcenterServer(lab.record),
    user: LAB_VCENTER_USER,
    password: LAB_VCENTER_PASSWORD,
    allowUnverifiedSsl: true,
  });

  it("takes names and descriptions as they are", async () => {
    const { reference } = await lab.vm("atom-a-1");
    const texts = [
      ["a <b> & \"c\" 'd'", "first\nsecond & <last>"],
      ["0012", ""],
      ["true", "  spaces  "],
    ] as const;
    for (const [name, description] of texts) {
      await lab.take(reference, { name, description });
    }
    const { snapshots } = await lab.vm("atom-a-1");
    deepStrictEqual(
      snapshots.map(({ name, description }) => [name, description]),
      texts,
    );
    deepStrictEqual(
      snapshots.map(({ parent }) => parent),
      [undefined, snapshots[0]?.reference, snapshots[1]?.reference],
    );
  });

  it("leaves later snapshots when one is removed, and minds nothing that is gone", async () => {
    const { reference } = await lab.vm("atom-a-1");
    await lab.take(reference, { name: "first" });
    await lab.take(reference, { name: "second" });
    const [{ reference: first } = { reference: "" }] = await lab.snapshots();
    equal(await lab.vcenter.removeSnapshot(first, watch), true);
    equal(await lab.vcenter.removeSnapshot(first, watch), false);
    deepStrictEqual(
      (await lab.vm("atom-a-1")).snapshots.map(({ name }) => name),
      ["second"],
    );
  });

  it("refuses an unknown certificate in words", async () => {
    await rejects(
      new VcenterClient({ ...choice(), allowUnverifiedSsl: false }).vms(),
      (error: Error) => {
        equal(error.name, "VcenterError");
        ok(
          /^vCenter 127\.0\.0\.1:\d+ shows a certificate \(SHA-256 thumbprint [0-9A-F:]{95}\) that is not trusted here: .*; give the file of its authority in NODE_EXTRA_CA_CERTS, or compare the thumbprint and set virtualMachines\.allowUnverifiedSsl: true\.$/.test(
            error.message,
          ),
          error.message,
        );
        return true;
      },
    );
  });

  it("says what is wrong with a login, without the password", async () => {
    const password = "canary-&<secret>";
    await rejects(new VcenterClient({ ...choice(), password }).vms(), (error: Error) => {
      equal(
        error.message,
        `vCenter does not accept user ${LAB_VCENTER_USER} with the password it was given: check virtualMachines.user ` +
          "and the secret vcenterPassword.",
      );
      ok(!inspect(error, { depth: 20, showHidden: true }).includes("canary"));
      return true;
    });
  });

  it("keeps the password out of what can be printed of it", () => {
    ok(!inspect(lab.vcenter, { depth: 20, showHidden: true }).includes(LAB_VCENTER_PASSWORD));
    ok(!JSON.stringify(lab.vcenter).includes(LAB_VCENTER_PASSWORD));
  });

  it("logs in again when the session ended", async () => {
    await lab.faults([
      { method: "CreateContainerView", fault: "NotAuthenticated", stage: "call", count: 1 },
    ]);
    equal((await lab.vcenter.vms()).length, 9);
  });

  it("reads the host and the datastores of each machine in the same run", async () => {
    deepStrictEqual(
      (await lab.vcenter.vms()).map(({ name, host, datastores }) => [name, host, datastores]),
      LAB_NODES.map(({ name, host, site }) => [name, host, [`datastore-${site}`]]),
    );
  });

  it("clones a machine to a template, that to a machine, and gives this an identity", async () => {
    const { vcenter } = lab;
    const vm = await lab.vm("atom-a-1");
    const { folder, pool, cpus, cards } = await readMachine(vcenter, vm.reference);
    deepStrictEqual([cpus, cards.map(({ type }) => type)], [1, ["VirtualVmxnet3"]]);
    const named = async (type: "Datastore" | "VirtualMachine", name: string) =>
      (await readNamed(vcenter, type)).find((one) => one.name === name);
    const { reference: datastore = "" } = (await named("Datastore", "datastore-images")) ?? {};
    const place = { folder, datastore, annotation: "ours" };
    const without = vm.hardware?.disks ?? [];
    await lab.faults([{ method: "CloneVM_Task", taskMs: 500, drop: "after", count: 1 }]);
    const image = { ...place, name: "an.image", isTemplate: true, without };
    await rejects(cloneVm(vcenter, vm.reference, image, watch));
    await awaitClones(vcenter, vm.reference, watch);
    const template = await named("VirtualMachine", "an.image");
    deepStrictEqual([template?.annotation, template?.isTemplate], ["ours", true]);
    const from = template?.reference ?? "";
    const back = { ...place, name: "back", pool, isTemplate: false, without: [] };
    await cloneVm(vcenter, from, back, watch);
    const made = await lab.vm("back");
    deepStrictEqual([made.hardware?.disks, made.datastores], [[], ["datastore-images"]]);
    ok(made.uuid !== vm.uuid && made.hardware?.nics[0]?.mac !== vm.hardware?.nics[0]?.mac);
    const identity = { uuid: labUuid("atom-b-1"), macs: ["00:50:56:00:00:07"] };
    await identifyVm(vcenter, made.reference, identity, watch);
    const { uuid, hardware } = await lab.vm("back");
    deepStrictEqual([uuid, hardware?.nics.map(({ mac }) => mac)], [identity.uuid, identity.macs]);
    for (const reference of [made.reference, from]) {
      await destroyVm(vcenter, reference, watch);
    }
  });

  it("waits for a machine that is busy", async () => {
    const { reference } = await lab.vm("atom-a-1");
    await lab.faults([
      { method: "CreateSnapshot_Task", fault: "TaskInProgress", message: "busy", count: 1 },
    ]);
    await lab.take(reference, { name: "later" });
    equal((await lab.vm("atom-a-1")).snapshots.length, 1);
  });

  it("passes on what a task failed with, once", async () => {
    const { reference } = await lab.vm("atom-a-1");
    const message = "Permission to perform this operation was denied";
    await lab.faults([{ method: "CreateSnapshot_Task", fault: "NoPermission", message }]);
    await rejects(lab.take(reference, { name: "denied" }), {
      name: "VcenterError",
      reason: "NoPermission",
      message: `Taking the snapshot denied of ${reference}: vCenter refused: ${message} (NoPermission).`,
    });
    equal((await lab.vm("atom-a-1")).snapshots.length, 0);
  });

  it("does not take twice when the answer was lost: what was taken is found to be imported", async () => {
    const declared = member("atom-a-1", { uuid: labUuid("atom-a-1") });
    await lab.faults([{ method: "CreateSnapshot_Task", drop: "after", count: 1 }]);
    await rejects(lab.make([declared]), { name: "VcenterError", message: /without an answer/ });
    const desired = desiredOf([declared]);
    const live = await lab.live(desired);
    deepStrictEqual(
      findDrift({ desired, state: stateOf([]), live, points: [point()] }).map(({ kind, state }) => [
        kind,
        state,
      ]),
      [["same", "import"]],
    );
    equal((await lab.vm("atom-a-1")).snapshots.length, 1);
  });
});
