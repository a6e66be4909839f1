import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { LAB_VCENTER_PASSWORD, LAB_VCENTER_USER } from "../../lab/credentials";
import { LAB_NODES } from "../../lab/inventory";
import { erase, up } from "./support/labs";
import { PlainPulumi, type PulumiRun } from "./support/plainPulumi";
import { SoapClient } from "./support/soap";
import { temporary } from "./support/temporary";

const PROGRAM = `
const pulumi = require("@pulumi/pulumi");
const vsphere = require("@pulumi/vsphere");
const { snapshots, timeout } = JSON.parse(process.env.DECLARED);
const provider = new vsphere.Provider("vcenter", {
  vsphereServer: process.env.VSPHERE_SERVER,
  user: process.env.VSPHERE_USER,
  password: pulumi.secret(process.env.VSPHERE_PASSWORD),
  allowUnverifiedSsl: true,
  ...(timeout === undefined ? {} : { apiTimeout: timeout }),
});
console.log("the program was here");
for (const [name, args] of Object.entries(snapshots)) {
  new vsphere.VirtualMachineSnapshot(name, args, { provider });
}
`;

interface Args {
  readonly virtualMachineUuid?: string;
  readonly snapshotName?: string;
  readonly description?: string;
  readonly memory?: boolean;
  readonly quiesce?: boolean;
  readonly removeChildren?: boolean;
  readonly consolidate?: boolean;
}

// The published provider is not served as a module, so that it is not asked here: what it does was measured once, and
// is written down as the expectations.
describe("the lab's vSphere plugin under the real engine", () => {
  const root = temporary();
  const node = LAB_NODES[0];
  assert.ok(node !== undefined);
  let client: SoapClient;
  let pulumi: PlainPulumi;

  /** Runs a command with these snapshots declared. */
  async function run(
    command: readonly string[],
    snapshots: Readonly<Record<string, Args>>,
    more: { timeout?: number; env?: NodeJS.ProcessEnv } = {},
  ): Promise<PulumiRun> {
    const full = Object.entries(snapshots).map(([name, args]) => [
      name,
      {
        virtualMachineUuid: node?.uuid,
        snapshotName: name,
        description: "before the test",
        memory: false,
        quiesce: false,
        ...args,
      },
    ]);
    const declared = { snapshots: Object.fromEntries(full) as object, timeout: more.timeout };
    return await pulumi.run(command, { DECLARED: JSON.stringify(declared), ...more.env });
  }

  async function done(
    command: readonly string[],
    snapshots: Readonly<Record<string, Args>>,
  ): Promise<string> {
    const { status, output } = await run(command, snapshots);
    assert.equal(status, 0, output);
    return output;
  }

  /** References of the snapshots of all machines, by name. */
  async function taken(): Promise<Map<string, string>> {
    const all = (await client.vms()).flatMap(({ snapshots }) => snapshots);
    return new Map(
      all.map((text) => {
        const [reference = "", name = ""] = text.split(" ");
        return [name, reference];
      }),
    );
  }

  async function setFaults(rules: readonly object[]): Promise<void> {
    const user = Buffer.from(`${LAB_VCENTER_USER}:${LAB_VCENTER_PASSWORD}`).toString("base64");
    const headers = { Authorization: `Basic ${user}` };
    const { status } = await client.http("PUT", "/lab/faults", JSON.stringify(rules), headers);
    assert.equal(status, 200);
  }

  async function removeByHand(name: string): Promise<void> {
    const { state } = await client.task(
      await client.removeSnapshot((await taken()).get(name) ?? ""),
    );
    assert.equal(state, "success");
  }

  before(async () => {
    const record = await up(root, ["vcenter"]);
    client = new SoapClient(record.ports.vcenter);
    await client.login(LAB_VCENTER_USER, LAB_VCENTER_PASSWORD);
    const project = temporary();
    fs.writeFileSync(
      path.join(project, "Pulumi.yaml"),
      'name: machines\nruntime: {name: nodejs, options: {typescript: false}}\nbackend: {url: "file://./.pulumi-state?metadata=skip"}\n',
    );
    fs.writeFileSync(path.join(project, "package.json"), '{"main": "program.js"}');
    fs.writeFileSync(path.join(project, "program.js"), PROGRAM);
    pulumi = await PlainPulumi.init(project, "test", { root, record });
  });

  async function forget(): Promise<void> {
    await setFaults([]);
    for (const name of (await taken()).keys()) {
      await removeByHand(name);
    }
    pulumi.forget();
  }

  after(async () => {
    client.close();
    await erase(root);
  });

  it("takes nothing at a preview, one snapshot at an update, and sees no drift then", async () => {
    assert.match(await done(["preview"], { one: {} }), /VirtualMachineSnapshot one create/);
    assert.equal((await taken()).size, 0);
    const output = await done(["up", "--yes", "--skip-preview"], { one: {} });
    assert.match(output, /the program was here/);
    const reference = (await taken()).get("one");
    assert.ok(reference !== undefined);
    const state = await pulumi.state();
    assert.ok(state.includes(`"id": "${reference}"`), state);
    assert.ok(!`${output}${state}`.includes(LAB_VCENTER_PASSWORD));
    await done(["preview", "--refresh", "--expect-no-changes"], { one: {} });
  });

  it("shows a snapshot that is gone as one to create where the machine has no other", async () => {
    await removeByHand("one");
    const { status, output } = await run(["preview", "--refresh", "--expect-no-changes"], {
      one: {},
    });
    assert.notEqual(status, 0);
    assert.match(output, /VirtualMachineSnapshot one create/);
    await done(["preview", "--expect-no-changes"], { one: {} });
    await done(["up", "--yes", "--refresh"], { one: {} });
    assert.ok((await taken()).has("one"));
  });

  it("fails the refresh and the removal of one that is gone while the machine has another", async () => {
    await done(["up", "--yes", "--skip-preview"], { one: {}, two: {} });
    await removeByHand("one");
    const refreshed = await run(["preview", "--refresh"], { one: {}, two: {} });
    assert.notEqual(refreshed.status, 0);
    assert.match(refreshed.output, /error while finding the snapshot.*not found/);
    const removed = await run(["up", "--yes", "--skip-preview"], { two: {} });
    assert.notEqual(removed.status, 0);
    assert.match(removed.output, /not found/);
    await forget();
  });

  it("replaces a snapshot for each input that changes", async () => {
    const changes: Readonly<Record<string, Args>> = {
      snapshotName: { snapshotName: "other" },
      description: { description: "after the test" },
      memory: { memory: true },
      quiesce: { quiesce: true },
      removeChildren: { removeChildren: true },
      consolidate: { consolidate: false },
      virtualMachineUuid: { virtualMachineUuid: LAB_NODES[8]?.uuid },
    };
    const names = Object.keys(changes);
    const before = Object.fromEntries(
      names.map((name, index) => [name, { virtualMachineUuid: LAB_NODES[index]?.uuid }]),
    );
    await done(["up", "--yes", "--skip-preview"], before);
    const old = [...(await taken()).values()];
    assert.equal(old.length, names.length);
    const after = Object.fromEntries(
      names.map((name) => [name, { ...before[name], ...changes[name] }]),
    );
    const output = await done(["up", "--yes", "--skip-preview"], after);
    for (const name of names) {
      assert.match(output, new RegExp(`Snapshot ${name} replaced .*\\[diff: [+-~]${name}\\]`));
    }
    const now = [...(await taken()).values()];
    assert.equal(now.length, names.length);
    assert.deepEqual(
      now.filter((reference) => old.includes(reference)),
      [],
    );
    await forget();
  });

  it("takes the snapshots above one with removeChildren, and leaves them without", async () => {
    const machines = LAB_NODES.slice(0, 2);
    const declared = machines.map(({ uuid }, index) => ({
      virtualMachineUuid: uuid,
      removeChildren: index === 1,
    }));
    const [leaves = {}, takes = {}] = declared;
    await done(["up", "--yes", "--skip-preview"], { leaves, takes });
    for (const { name } of machines) {
      const vm = (await client.vms()).find((one) => one.name === name);
      await client.task(await client.createSnapshot(vm?.reference ?? "", `by-hand-${name}`));
    }
    await done(["up", "--yes", "--skip-preview"], {});
    assert.deepEqual([...(await taken()).keys()], [`by-hand-${machines[0]?.name}`]);
    await forget();
  });

  it("names a machine that does not exist, and refuses a wrong password", async () => {
    const unknown = await run(["up", "--yes", "--skip-preview"], {
      one: { virtualMachineUuid: "no-machine" },
    });
    assert.notEqual(unknown.status, 0);
    assert.match(unknown.output, /"no-machine" not found/);
    const env = { VSPHERE_PASSWORD: "wrong-password-of-the-test" };
    const refused = await run(["up", "--yes", "--skip-preview"], { one: {} }, { env });
    assert.notEqual(refused.status, 0);
    assert.match(refused.output, /error logging in to 127\.0\.0\.1:\d+ as /);
    assert.ok(!refused.output.includes(env.VSPHERE_PASSWORD));
  });

  it("waits for a task, and tells why one failed", async () => {
    const method = "CreateSnapshot_Task";
    await setFaults([{ method, taskMs: 1500 }]);
    await done(["up", "--yes", "--skip-preview"], { one: {} });
    assert.ok((await taken()).has("one"));
    await setFaults([{ method, fault: "TaskInProgress", message: "Another task runs." }]);
    const { status, output } = await run(["up", "--yes", "--skip-preview"], { one: {}, two: {} });
    assert.notEqual(status, 0);
    assert.match(output, /create snapshot task: Another task runs\./);
    await forget();
  });

  it("gives up on a task that outlasts apiTimeout", async () => {
    await setFaults([{ method: "CreateSnapshot_Task", taskMs: 30_000 }]);
    const { status, output } = await run(
      ["up", "--yes", "--skip-preview"],
      { one: {} },
      { timeout: 0.02 },
    );
    assert.notEqual(status, 0);
    assert.match(output, /deadline exceeded/);
  });

  it("ends with the program's own error and without a stack of ours", async () => {
    const { status, output } = await run(["preview"], {}, { env: { DECLARED: "no JSON" } });
    assert.notEqual(status, 0);
    assert.match(output, /SyntaxError: Unexpected token/);
  });
});
