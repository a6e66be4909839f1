import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { takeAdditions } from "../../engine/stackFileText";
import type { StackResource } from "../../engine/stackState";
import { LAB_VCENTER_PASSWORD } from "../../lab/credentials";
import type { LabSystems } from "../support/labSystems";
import { labUuid } from "../support/labSystems";
import { sharedLab } from "../support/sharedLab";
import { registration } from "../drift/fixtures";
import { LabProject } from "./labProject";

const vms = ["atom-a-1", "atom-b-1"].map(labUuid);
const className = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", name: "engine-class" };

describe("the engine on a lab", () => {
  let lab: LabSystems;
  let project: LabProject;

  before(async () => {
    lab = await sharedLab();
    project = await LabProject.create(lab);
  });

  after(async () => {
    await lab.faults([]);
    await lab.clear([className]);
    project.remove();
  });

  const ops = async (run: object = {}): Promise<string[]> => {
    const { steps } = await project.engine.preview({ ...project.copy(), ...run });
    return steps.map(({ op, name }) => `${op} ${name}`).sort();
  };
  const resources = async (): Promise<readonly StackResource[]> =>
    (await project.engine.state()).resources;
  const snapshotUrns = async (): Promise<string[]> =>
    (await resources()).filter(({ type }) => type.startsWith("vsphere:")).map(({ urn }) => urn);

  it("previews a first deployment on a copy, and deploys it by the plan", async () => {
    project.declare({ replicas: "2", vms });
    const before = readFileSync(project.file, "utf8");
    const run = project.copy();
    await project.engine.preview(run);
    equal(readFileSync(project.file, "utf8"), before);
    takeAdditions(run.file, project.file);
    match(
      readFileSync(project.file, "utf8").replace(before, ""),
      /^encryptionsalt: \S+\n$/,
      "the text stays, and the salt by which the plan is encrypted is added",
    );
    await project.engine.up({ ...run, file: project.file });
    equal(project.runs(), 2);
    equal((await lab.snapshots()).length, 2);
    ok((await lab.cluster.get(className)) !== undefined);
    deepStrictEqual(await ops(), []);
  });

  it("does nothing that is not in the plan", async () => {
    const run = project.copy();
    await project.engine.preview(run);
    project.declare({ replicas: "3", vms });
    await rejects(project.engine.up({ ...run, file: project.file }), { name: "EngineFailure" });
    const live = await lab.cluster.get(className);
    deepStrictEqual(live?.["parameters"], { replicas: "2" });
  });

  it("leaves no secret in plan, state, or what the CLI has written", () => {
    const files = readdirSync(project.root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name));
    ok(files.some((file) => file.endsWith("plan.json")));
    for (const file of files) {
      ok(!readFileSync(file).includes(LAB_VCENTER_PASSWORD), file);
    }
  });

  it("never takes a VM snapshot anew that is gone, and goes on where another one of the VM remains", async () => {
    project.declare({ replicas: "2", vms, taken: true });
    const vm = await lab.vm("atom-a-1");
    await lab.take(vm.reference, { name: "nightly" });
    const [ours] = vm.snapshots;
    await lab.vcenter.removeSnapshot(ours?.reference ?? "", { timeoutMs: 60_000 });
    await rejects(ops(), /not found/, "the provider's refresh fails");
    const exclude = await snapshotUrns();
    deepStrictEqual(await ops({ exclude }), []);
    project.declare({ replicas: "3", vms, taken: true });
    const run = { ...project.copy(), exclude };
    await project.engine.preview(run);
    await project.engine.up({ ...run, file: project.file });
    const names = (await lab.vm("atom-a-1")).snapshots.map(({ name }) => name);
    deepStrictEqual(names, ["nightly"]);
  });

  it("refuses by the program's hook to take it anew into an emptied state", async () => {
    const urns = await snapshotUrns();
    await project.engine.editState([], { remove: urns });
    await rejects(ops(), /was taken and is gone/);
    deepStrictEqual(await ops({ exclude: urns }), []);
  });

  it("imports VM snapshots that live, by an edit of the state alone", async () => {
    const [, uuid = ""] = vms;
    const urn = `urn:pulumi:lab::engine-test::test:Point$vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot::vm-${uuid}`;
    const reference = (await lab.vm("atom-b-1")).snapshots[0]?.reference ?? "";
    project.declare({ replicas: "3", vms: [uuid], taken: true });
    const inputs = {
      virtualMachineUuid: uuid,
      snapshotName: "engine.test",
      description: "engine test",
      memory: false,
      quiesce: false,
      removeChildren: false,
    };
    const declared = {
      ...registration("vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot", "", inputs),
      urn,
      parent: "urn:pulumi:lab::engine-test::test:Point::point",
      provider: "urn:pulumi:lab::engine-test::pulumi:providers:vsphere::vcenter",
      protect: true,
      retainOnDelete: true,
      ignoreChanges: ["*"],
    };
    const imports = new Map([[urn, reference]]);
    await project.engine.editState([declared], { imports });
    deepStrictEqual(await ops(), [], "refreshed, too");
  });

  it("imports a Kubernetes object as it is, and changes only what differs afterwards", async () => {
    const entry = (await resources()).find(({ type }) => type.endsWith(":StorageClass"));
    ok(entry !== undefined);
    const { uid } = (await lab.cluster.get(className))?.metadata ?? {};
    await project.engine.editState([], { remove: [entry.urn] });
    project.declare({ replicas: "3", note: "new", vms: [vms[1] ?? ""], taken: true });
    const declared = registration(entry.type, "class", {
      ...entry.inputs,
      metadata: { name: "engine-class", annotations: { note: "new" } },
    });
    const provider = "urn:pulumi:lab::engine-test::pulumi:providers:kubernetes::cluster";
    const desired = [{ ...declared, urn: entry.urn, provider }];
    const imports = new Map([[entry.urn, entry.id]]);
    await project.engine.editState(desired, { imports });
    deepStrictEqual(await ops(), ["update class"]);
    await project.engine.up({ file: project.file });
    const live = await lab.cluster.get(className);
    equal(live?.metadata.annotations?.["note"], "new");
    equal(live?.metadata.uid, uid, "it was not replaced");
    deepStrictEqual(await ops(), []);
  });

  it("sets back what somebody has changed by hand, without a conflict", async () => {
    await lab.cluster.modify(className, "by-hand", (object) => ({
      ...object,
      metadata: { ...object.metadata, annotations: { note: "theirs" } },
    }));
    const exclude = await snapshotUrns();
    deepStrictEqual(await ops({ exclude }), ["update class"]);
    await project.engine.up({ file: project.file, exclude });
    equal((await lab.cluster.get(className))?.metadata.annotations?.["note"], "new");
  });

  it("goes on with a deployment when the command that began it is killed", async () => {
    await lab.clear([]);
    const urns = await snapshotUrns();
    await project.engine.editState([], { remove: urns });
    project.declare({ replicas: "3", note: "new", vms });
    await lab.faults([{ method: "CreateSnapshot_Task", taskMs: 4_000 }]);
    const script = join(__dirname, "upOnce.js");
    const command = spawn(process.execPath, [script, project.root, lab.root, project.file], {
      stdio: "ignore",
    });
    const left = once(command, "exit");
    const deadline = Date.now() + 60_000;
    while ((await lab.snapshots()).length === 0 && Date.now() < deadline) {
      await pause(100);
    }
    command.kill("SIGKILL");
    deepStrictEqual((await left)[1], "SIGKILL");
    while ((await snapshotUrns()).length < 2 && Date.now() < deadline) {
      await pause(300);
    }
    await lab.faults([]);
    equal((await snapshotUrns()).length, 2, "both are recorded");
    const state = await project.engine.state();
    deepStrictEqual(state.pendingCreations, []);
    deepStrictEqual(await ops(), [], "and no lock is left");
  });

  it("destroys what is recorded, once what stays has left the state", async () => {
    await project.engine.editState([], { remove: await snapshotUrns() });
    await project.engine.destroy(project.file);
    equal(await lab.cluster.get(className), undefined);
    equal((await lab.snapshots()).length, 2);
  });
});
