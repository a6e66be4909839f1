// Shows names, tokens and inputs of the local SDK. Not shown here: the provider behind it.
import assert from "node:assert/strict";
import type * as pulumi from "@pulumi/pulumi";
import * as vsphere from "@pulumi/vsphere";
import { SECRET_MARK } from "../../engine/program/desiredState";
import { withVariables } from "../support/environment";
import { record } from "../support/recorder";

const PROVIDER = "pulumi:providers:vsphere";
const SNAPSHOT = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";
const VERSION = "4.18.0";

const ARGS = {
  virtualMachineUuid: "42300000-0000-4000-8000-00000000000a",
  snapshotName: "s",
  description: "d",
  memory: false,
  quiesce: true,
};

describe("the local SDK of the vSphere provider", () => {
  it("knows the provider's whole configuration; what is no text crosses as JSON", async () => {
    const recording = await record(() => {
      new vsphere.Provider("p", {
        allowUnverifiedSsl: true,
        apiTimeout: 45,
        clientDebug: false,
        clientDebugPath: "debug",
        clientDebugPathRun: "run",
        password: "canary-password-32",
        persistSession: true,
        restSessionPath: "rest",
        user: "u",
        vcenterServer: "old",
        vimKeepAlive: 5,
        vimSessionPath: "vim",
        vsphereServer: "new",
      });
    });
    const provider = recording.one(PROVIDER, "p");
    assert.equal(provider.version, VERSION);
    assert.deepEqual(provider.secretInputs, ["password"]);
    assert.deepEqual(provider.inputs, {
      allowUnverifiedSsl: "true",
      apiTimeout: "45",
      clientDebug: "false",
      clientDebugPath: "debug",
      clientDebugPathRun: "run",
      password: SECRET_MARK,
      persistSession: "true",
      restSessionPath: "rest",
      user: "u",
      vcenterServer: "old",
      vimKeepAlive: "5",
      vimSessionPath: "vim",
      vsphereServer: "new",
    });
  });

  it("fills absent configuration from VSPHERE_*, but never an explicit false", async () => {
    const variables = {
      VSPHERE_ALLOW_UNVERIFIED_SSL: "true",
      VSPHERE_CLIENT_DEBUG: "T",
      VSPHERE_CLIENT_DEBUG_PATH: "debug",
      VSPHERE_CLIENT_DEBUG_PATH_RUN: "run",
      VSPHERE_PERSIST_SESSION: "no boolean",
      VSPHERE_REST_SESSION_PATH: "",
      VSPHERE_VIM_KEEP_ALIVE: "7",
      VSPHERE_VIM_SESSION_PATH: "vim",
    };
    const recording = await withVariables(variables, () =>
      record(() => {
        new vsphere.Provider("p", { user: "u", password: "p", allowUnverifiedSsl: false });
      }),
    );
    assert.deepEqual(recording.one(PROVIDER, "p").inputs, {
      allowUnverifiedSsl: "false",
      clientDebug: "true",
      clientDebugPath: "debug",
      clientDebugPathRun: "run",
      password: SECRET_MARK,
      user: "u",
      vimKeepAlive: "7",
      vimSessionPath: "vim",
    });
  });

  it("registers a snapshot under the published token, with the inputs that were given", async () => {
    const recording = await record(() => {
      const provider = new vsphere.Provider("p", { user: "u", password: "p" });
      const snapshot = new vsphere.VirtualMachineSnapshot("s", ARGS, { provider });
      assert.equal(vsphere.VirtualMachineSnapshot.isInstance(snapshot), true);
      assert.equal(vsphere.VirtualMachineSnapshot.isInstance(provider), false);
      assert.equal(vsphere.VirtualMachineSnapshot.isInstance(undefined), false);
      assert.equal(vsphere.Provider.isInstance(provider), true);
      assert.equal(vsphere.Provider.isInstance(snapshot), false);
      return { memory: snapshot.memory, quiesce: snapshot.quiesce, id: snapshot.id };
    });
    const snapshot = recording.one(SNAPSHOT, "s");
    assert.deepEqual(snapshot.inputs, ARGS);
    assert.equal(snapshot.version, VERSION);
    assert.deepEqual(recording.state.outputs, { memory: false, quiesce: true, id: "[unknown]" });
  });

  for (const property of Object.keys(ARGS)) {
    it(`refuses a snapshot without ${property}, as the published SDK does`, async () => {
      const args = { ...ARGS, [property]: undefined } as unknown as typeof ARGS;
      await assert.rejects(
        record(() => new vsphere.VirtualMachineSnapshot("s", args)),
        { message: `Missing required property '${property}'` },
      );
    });
  }

  it("refuses a provider without user or password", async () => {
    const none = undefined as unknown as pulumi.Input<string>;
    await assert.rejects(
      record(() => new vsphere.Provider("p", { user: none, password: "p" })),
      { message: "Missing required property 'user'" },
    );
    await assert.rejects(
      record(() => new vsphere.Provider("p", { user: "u", password: none })),
      { message: "Missing required property 'password'" },
    );
  });

  it("reads a snapshot of somebody else by its reference, which needs an engine", async () => {
    await assert.rejects(
      record(() => {
        vsphere.VirtualMachineSnapshot.get("foreign", "snapshot-3");
      }),
      { message: 'The program uses "readResource", which needs a real engine' },
    );
  });
});
