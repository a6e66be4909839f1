import assert from "node:assert/strict";
import { parse } from "yaml";

import type { DesiredState, Registration } from "../../../engine/program/desiredState";
import { renderManifests } from "../../../site/render/manifests";
import { registration, storageClass } from "../../drift/fixtures";

const settingType = "kubernetes:longhorn.io/v1beta2:SettingPatch";

function setting(changes: Partial<Registration> = {}): Registration {
  const inputs = {
    apiVersion: "longhorn.io/v1beta2",
    kind: "Setting",
    metadata: {
      name: "node-down-pod-deletion-policy",
      namespace: "longhorn-system",
      annotations: { "pulumi.com/patchForce": "true" },
    },
    value: "on",
  };
  return registration(settingType, "storage-node-down", inputs, changes);
}

function desired(...registrations: Registration[]): DesiredState {
  return {
    project: "atom-backup",
    stack: "lab",
    registrations,
    outputs: {},
    hooks: new Map(),
  };
}

function only(state: DesiredState) {
  const { manifests, leftOut } = renderManifests(state);
  assert.deepEqual(leftOut, []);
  const [manifest] = manifests;
  assert.ok(manifest !== undefined && manifests.length === 1);
  return manifest;
}

describe("rendered manifests", () => {
  it("hold the declared object, identity first, with who made them above it", () => {
    const { file, text, hold } = only(desired(storageClass()));
    assert.equal(file, "storageclass.storage.k8s.io_atom-replicated.yaml");
    assert.equal(hold, "own");
    assert.equal(
      text,
      `# StorageClass atom-replicated of stack lab, rendered by ./atom render.
# What is changed here is refused by the next rendering: change the stack file instead.
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata:
  name: atom-replicated
  labels:
    app.kubernetes.io/managed-by: atom-backup
    app.kubernetes.io/part-of: atom
    atom-backup/stack: lab
  annotations:
    storageclass.kubernetes.io/is-default-class: "true"
provisioner: lab.csi.atom.example
parameters:
  replicas: "2"
  spreadKey: topology.kubernetes.io/zone
  maxPerDomain: "1"
reclaimPolicy: Retain
volumeBindingMode: WaitForFirstConsumer
allowVolumeExpansion: true
`,
    );
  });

  it("keep texts texts that YAML 1.1, which kubectl reads, takes for booleans or numbers", () => {
    const parameters = { cache: "on", encrypted: "no", size: "010", tag: "1e3" };
    const { text } = only(desired(storageClass({ parameters })));
    const read = parse(text, { version: "1.1" }) as { parameters: unknown };
    assert.deepEqual(read.parameters, parameters);
  });

  it("put fields of others' objects into a folder of their own, without directions to the engine", () => {
    const { file, hold, text } = only(desired(setting()));
    assert.equal(
      file,
      "patches/setting.longhorn.io_longhorn-system_node-down-pod-deletion-policy.yaml",
    );
    assert.equal(hold, "patch");
    assert.deepEqual(parse(text), {
      apiVersion: "longhorn.io/v1beta2",
      kind: "Setting",
      metadata: { name: "node-down-pod-deletion-policy", namespace: "longhorn-system" },
      value: "on",
    });
    assert.match(text, /# Fields of Setting longhorn-system\/node-down-pod-deletion-policy that/);
  });

  it("leave out an object with a secret and say so, in the place of a mark that looks like a value", () => {
    const { manifests, leftOut } = renderManifests(desired(setting({ secretInputs: ["value"] })));
    assert.deepEqual(manifests, []);
    assert.deepEqual(leftOut, [
      {
        object: "Setting longhorn-system/node-down-pod-deletion-policy",
        why: "Its fields value are secret, and a secret is not written into a file.",
      },
    ]);
  });

  it("never give two objects one file: kind, group, namespace and name are all in it", () => {
    const inputs = (apiVersion: string, namespace: string | undefined, name: string) => ({
      apiVersion,
      kind: "Role",
      metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    });
    const files = renderManifests(
      desired(
        registration("kubernetes:a/v1:Role", "1", inputs("a.example/v1", "x", "y")),
        registration("kubernetes:a/v1:Role", "2", inputs("b.example/v1", "x", "y")),
        registration("kubernetes:a/v1:Role", "3", inputs("a.example/v1", undefined, "x-y")),
        registration("kubernetes:a/v1:Role", "4", inputs("v1", undefined, "system:a/../b")),
      ),
    ).manifests.map(({ file }) => file);
    assert.deepEqual(files, [
      "role.a.example_x_y.yaml",
      "role.b.example_x_y.yaml",
      "role.a.example_x-y.yaml",
      "role_system%3Aa%2F..%2Fb.yaml",
    ]);
  });
});
