// Shows registrations and hooks. Not shown here: that the engine calls the hooks (see the tests with the real engine).
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { restorePoints, vsphereProvider } from "../../components";
import type { RestorePointPlan } from "../../planning/plan";
import { takenMember, member } from "../support/plans";
import { NO_OPTIONS, record, type Recording } from "../support/recorder";

const SNAPSHOT = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";
const POINT = "atom:backup:RestorePoint";
const PREFIX = "urn:pulumi:test::atom-backup::";

function point(changes: Partial<RestorePointPlan> = {}): RestorePointPlan {
  return {
    name: "before-24.1",
    release: "24.1",
    state: "planned",
    takenAt: undefined,
    virtualMachines: [],
    intended: ["a-1"],
    volumes: false,
    ...changes,
  };
}

/** Declares the points; what the hooks write down lands in `written`. */
function declare(points: readonly RestorePointPlan[], written: string[] = []): Promise<Recording> {
  return record(() => {
    const vcenter = vsphereProvider("vsphere", {
      server: "vcenter.example",
      user: "atom",
      password: pulumi.secret("never shown"),
      allowUnverifiedSsl: false,
      apiTimeoutMinutes: 60,
    });
    const declared = restorePoints(
      points,
      ({ name }) => ({
        vm: ({ node, uuid, handle }) => {
          written.push(`${name}: ${node} ${uuid} ${handle}`);
        },
        complete: () => {
          written.push(`${name}: complete`);
        },
      }),
      { providers: [vcenter] },
    );
    return Object.fromEntries([...declared].map(([name, one]) => [name, one.members]));
  });
}

const secondMember = {
  node: "a-2",
  resourceName: "before-24.1-vm-a-2",
  uuid: "42300000-0000-4000-8000-00000000000b",
};

describe("RestorePoint", () => {
  it("is there, empty, before it is taken, so that names never move", async () => {
    const recording = await declare([point()]);
    assert.deepEqual(recording.names, ["pulumi:providers:vsphere vsphere", `${POINT} before-24.1`]);
    assert.deepEqual(recording.one(POINT, "before-24.1").inputs, { release: "24.1" });
    assert.equal(recording.state.hooks.size, 0);
    assert.deepEqual(recording.state.outputs, { "before-24.1": [] });
  });

  it("declares a snapshot that is about to be taken, protected and kept, and records it", async () => {
    const recording = await declare([point({ state: "taking", virtualMachines: [member()] })]);
    const { version, ...registered } = recording.one(SNAPSHOT, "before-24.1-vm-a-1");
    assert.match(version ?? "", /^4\./);
    assert.deepEqual(registered, {
      ...NO_OPTIONS,
      urn: `${PREFIX}${POINT}$${SNAPSHOT}::before-24.1-vm-a-1`,
      type: SNAPSHOT,
      name: "before-24.1-vm-a-1",
      custom: true,
      isProvider: false,
      parent: `${PREFIX}${POINT}::before-24.1`,
      provider: `${PREFIX}pulumi:providers:vsphere::vsphere`,
      protect: true,
      retainOnDelete: true,
      hooks: { afterCreate: ["before-24.1 record"] },
      inputs: {
        virtualMachineUuid: "42300000-0000-4000-8000-00000000000a",
        snapshotName: "atom.test.before-24.1",
        description: "Owned by a test",
        memory: false,
        quiesce: false,
        removeChildren: false,
      },
    });
    assert.equal(recording.state.hooks.get("before-24.1 record")?.onDryRun, false);
  });

  it("once taken ignores every change and refuses to be taken again", async () => {
    const recording = await declare([
      point({
        state: "ready",
        takenAt: "2026-08-01T10:00:00Z",
        virtualMachines: [takenMember("snapshot-7")],
      }),
    ]);
    const snapshot = recording.one(SNAPSHOT, "before-24.1-vm-a-1");
    assert.equal(snapshot.protect, true);
    assert.equal(snapshot.retainOnDelete, true);
    assert.equal(snapshot.deleteBeforeReplace, false);
    assert.deepEqual(snapshot.ignoreChanges, ["*"]);
    assert.deepEqual(snapshot.hooks, { beforeCreate: ["before-24.1 taken once"] });
    assert.equal(recording.state.hooks.get("before-24.1 taken once")?.onDryRun, true);
    await assert.rejects(recording.callHooks(snapshot, "beforeCreate"), {
      message:
        "VM snapshot atom.test.before-24.1 of node a-1 (snapshot-7) was taken at 2026-08-01T10:00:00Z and is gone; " +
        "run ./atom up --stack test, which records it as lost. It is never taken again.",
    });
    assert.deepEqual(recording.state.outputs, {
      "before-24.1": [{ node: "a-1", snapshotName: "atom.test.before-24.1", handle: "snapshot-7" }],
    });
  });

  it("keeps a member's name while the point goes from taking to ready", async () => {
    const taking = await declare([point({ state: "taking", virtualMachines: [member()] })]);
    const taken = await declare([
      point({ state: "ready", virtualMachines: [takenMember("snapshot-7")] }),
    ]);
    const urnIn = (recording: Recording): string =>
      recording.one(SNAPSHOT, "before-24.1-vm-a-1").urn;
    assert.equal(urnIn(taking), urnIn(taken));
  });

  it("lists members by node, whatever the order in which they were written down", async () => {
    const virtualMachines = [takenMember("snapshot-8", secondMember), takenMember("snapshot-7")];
    const recording = await declare([point({ state: "ready", virtualMachines })]);
    const snapshotName = "atom.test.before-24.1";
    assert.deepEqual(recording.state.outputs, {
      "before-24.1": [
        { node: "a-1", snapshotName, handle: "snapshot-7" },
        { node: "a-2", snapshotName, handle: "snapshot-8" },
      ],
    });
  });

  it("lifts the protection while the point expires", async () => {
    const recording = await declare([
      point({ state: "expiring", virtualMachines: [takenMember("snapshot-7")] }),
    ]);
    const snapshot = recording.one(SNAPSHOT, "before-24.1-vm-a-1");
    assert.equal(snapshot.protect, false);
    assert.equal(snapshot.retainOnDelete, true);
  });

  it("writes each snapshot down after it was taken, and the end after the last one", async () => {
    const written: string[] = [];
    const recording = await declare(
      [point({ state: "taking", virtualMachines: [member(), member(secondMember)] })],
      written,
    );
    const second = recording.one(SNAPSHOT, "before-24.1-vm-a-2");
    await recording.callHooks(second, "afterCreate", { id: "snapshot-8" });
    assert.deepEqual(written, ["before-24.1: a-2 42300000-0000-4000-8000-00000000000b snapshot-8"]);
    const first = recording.one(SNAPSHOT, "before-24.1-vm-a-1");
    await recording.callHooks(first, "afterCreate", { id: "snapshot-9" });
    assert.deepEqual(written.slice(1), [
      "before-24.1: a-1 42300000-0000-4000-8000-00000000000a snapshot-9",
      "before-24.1: complete",
    ]);
  });

  it("goes on with a take that was broken off: takes what is missing, refuses what is recorded", async () => {
    const written: string[] = [];
    const recording = await declare(
      [
        point({
          state: "taking",
          virtualMachines: [takenMember("snapshot-7"), member(secondMember)],
        }),
      ],
      written,
    );
    const recorded = recording.one(SNAPSHOT, "before-24.1-vm-a-1");
    await assert.rejects(
      recording.callHooks(recorded, "beforeCreate"),
      /was taken already and is gone/,
    );
    const missing = recording.one(SNAPSHOT, "before-24.1-vm-a-2");
    assert.deepEqual(missing.hooks, { afterCreate: ["before-24.1 record"] });
    await recording.callHooks(missing, "afterCreate", { id: "snapshot-8" });
    assert.equal(written.at(-1), "before-24.1: complete");
  });

  it("refuses a point that also holds volumes, naming the command, unless that command deploys it", async () => {
    const taking = point({ state: "taking", volumes: true, virtualMachines: [member()] });
    const plain = await declare([taking]);
    const refused = plain.one(SNAPSHOT, "before-24.1-vm-a-1");
    assert.deepEqual(Object.keys(refused.hooks), ["beforeCreate"]);
    await assert.rejects(
      plain.callHooks(refused, "beforeCreate"),
      /restore-point create before-24\.1 --stack test/,
    );
    process.env["ATOM_TAKING"] = "before-24.1";
    try {
      const command = await declare([taking]);
      const { hooks } = command.one(SNAPSHOT, "before-24.1-vm-a-1");
      assert.deepEqual(Object.keys(hooks), ["afterCreate"]);
    } finally {
      delete process.env["ATOM_TAKING"];
    }
  });

  it("chains the snapshots of one VM in the order in which they were taken", async () => {
    const later = point({
      name: "later",
      state: "taking",
      virtualMachines: [member({ resourceName: "later-vm-a-1", after: "before-24.1-vm-a-1" })],
    });
    const earlier = point({ state: "ready", virtualMachines: [takenMember("snapshot-7")] });
    const recording = await declare([earlier, later]);
    assert.deepEqual(recording.one(SNAPSHOT, "later-vm-a-1").dependsOn, [
      recording.one(SNAPSHOT, "before-24.1-vm-a-1").urn,
    ]);
    assert.deepEqual(Object.keys(recording.state.outputs), ["before-24.1", "later"]);
  });

  it("says so when a snapshot comes after one that was not declared before it", async () => {
    const later = point({
      name: "later",
      virtualMachines: [member({ resourceName: "later-vm-a-1", after: "before-24.1-vm-a-1" })],
    });
    await assert.rejects(
      declare([later, point()]),
      /"before-24\.1-vm-a-1" has to be declared before/,
    );
  });
});
