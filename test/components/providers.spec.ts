// Shows what the engine is told about the providers. Not shown here: how the providers log in.
import assert from "node:assert/strict";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { SECRET_MARK } from "../../engine/program/desiredState";
import { kubernetesProvider, vsphereProvider } from "../../components";
import { withVariables } from "../support/environment";
import { record } from "../support/recorder";

const CANARY = "canary-password-31";

/** Everything that the SDKs would copy from the environment into the state. */
const VARIABLES = {
  KUBECONFIG: "/home/someone/.kube/config",
  PULUMI_K8S_DELETE_UNREACHABLE: "true",
  PULUMI_K8S_SKIP_UPDATE_UNREACHABLE: "true",
  PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true",
  PULUMI_K8S_ENABLE_PATCH_FORCE: "true",
  PULUMI_K8S_ENABLE_SERVER_SIDE_APPLY: "false",
  PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS: "true",
  VSPHERE_ALLOW_UNVERIFIED_SSL: "true",
  VSPHERE_CLIENT_DEBUG: "true",
  VSPHERE_CLIENT_DEBUG_PATH: "/home/someone/debug",
  VSPHERE_PERSIST_SESSION: "true",
  VSPHERE_VIM_SESSION_PATH: "/home/someone/sessions",
  VSPHERE_REST_SESSION_PATH: "/home/someone/rest",
  VSPHERE_VIM_KEEP_ALIVE: "3",
};

function declareVsphere(): void {
  vsphereProvider("vsphere", {
    server: "vcenter.example:8443",
    user: "atom@vsphere.local",
    password: pulumi.output(CANARY),
    allowUnverifiedSsl: false,
    apiTimeoutMinutes: 60,
  });
}

describe("providers", () => {
  it("declares the cluster by the stack's name and hides nothing of an unreachable one", async () => {
    const recording = await record(() => {
      kubernetesProvider("kubernetes", { clusterIdentifier: "plant-7", context: "admin@plant-7" });
    });
    const { inputs } = recording.one("pulumi:providers:kubernetes", "kubernetes");
    assert.deepEqual(inputs, {
      clusterIdentifier: "plant-7",
      context: "admin@plant-7",
      deleteUnreachable: "false",
      enableServerSideApply: "true",
      skipUpdateUnreachable: "false",
      upsertExistingObjects: "false",
    });
  });

  it("leaves the context out where the kubeconfig's current one is meant", async () => {
    const recording = await record(() => {
      kubernetesProvider("kubernetes", { clusterIdentifier: "plant-7", context: undefined });
    });
    const { inputs } = recording.one("pulumi:providers:kubernetes", "kubernetes");
    assert.equal("context" in inputs, false);
  });

  it("declares the vCenter with a long time-out, no log and no kept session", async () => {
    const recording = await record(declareVsphere);
    const { inputs, secretInputs } = recording.one("pulumi:providers:vsphere", "vsphere");
    assert.deepEqual(inputs, {
      vsphereServer: "vcenter.example:8443",
      user: "atom@vsphere.local",
      password: SECRET_MARK,
      allowUnverifiedSsl: "false",
      apiTimeout: "60",
      clientDebug: "false",
      persistSession: "false",
    });
    assert.deepEqual(secretInputs, ["password"]);
    assert.equal(JSON.stringify(recording.state).includes(CANARY), false);
  });

  it("takes nothing from the environment into the state: no path of a machine, no switch", async () => {
    const program = (): void => {
      kubernetesProvider("kubernetes", { clusterIdentifier: "plant-7" });
      declareVsphere();
    };
    const plain = await record(program);
    const surrounded = await withVariables(VARIABLES, () => record(program));
    assert.deepEqual(surrounded.state.registrations, plain.state.registrations);
    assert.equal(JSON.stringify(surrounded.state.registrations).includes("/home/"), false);
  });

  it("would take the kubeconfig without its own doing, which is what the case above is about", async () => {
    const recording = await withVariables(VARIABLES, () =>
      record(() => {
        new kubernetes.Provider("bare", {});
      }),
    );
    const { inputs } = recording.one("pulumi:providers:kubernetes", "bare");
    assert.equal(inputs["kubeconfig"], "/home/someone/.kube/config");
  });
});
