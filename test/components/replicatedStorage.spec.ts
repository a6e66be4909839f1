// Shows what is registered. Not shown here: what the engine and the API server make of it.
import assert from "node:assert/strict";
import type { Companion } from "../../planning/plan";
import {
  kubernetesProvider,
  ReplicatedStorage,
  type ReplicatedStorageArgs,
} from "../../components";
import { classPlan } from "../support/plans";
import { NO_OPTIONS, record, withoutVersion, type Recording } from "../support/recorder";

const CLASS = "kubernetes:storage.k8s.io/v1:StorageClass";
const PREFIX = "urn:pulumi:test::atom-backup::";
const STORAGE_URN = `${PREFIX}atom:backup:ReplicatedStorage::storage`;
const PROVIDER_URN = `${PREFIX}pulumi:providers:kubernetes::kubernetes`;
const LABELS = { "app.kubernetes.io/managed-by": "atom-backup" };

function declare(args: Partial<ReplicatedStorageArgs> = {}): Promise<Recording> {
  return record(() => {
    const cluster = kubernetesProvider("kubernetes", { clusterIdentifier: "test" });
    const storage = new ReplicatedStorage(
      "storage",
      {
        backend: "linstor",
        replicationFactor: 2,
        classes: [classPlan()],
        labels: LABELS,
        ...args,
      },
      { providers: [cluster] },
    );
    return { classNames: storage.classNames };
  });
}

function companion(changes: Partial<Companion>): Companion {
  return {
    key: "tie-breaker",
    object: {
      apiVersion: "piraeus.io/v1",
      kind: "LinstorSatelliteConfiguration",
      metadata: { name: "atom-tie-breaker", labels: LABELS },
      spec: { properties: [{ name: "x", value: "y" }] },
    },
    hold: "own",
    protect: false,
    why: "votes",
    ...changes,
  };
}

describe("ReplicatedStorage", () => {
  it("registers itself, then one class with exactly what was planned", async () => {
    const recording = await declare();
    assert.deepEqual(recording.names, [
      "pulumi:providers:kubernetes kubernetes",
      "atom:backup:ReplicatedStorage storage",
      `${CLASS} storage-atom-replicated`,
    ]);
    const { version, ...registered } = recording.one(CLASS, "storage-atom-replicated");
    assert.match(version ?? "", /^4\./);
    assert.deepEqual(registered, {
      ...NO_OPTIONS,
      urn: `${PREFIX}atom:backup:ReplicatedStorage$${CLASS}::storage-atom-replicated`,
      type: CLASS,
      name: "storage-atom-replicated",
      custom: true,
      isProvider: false,
      parent: STORAGE_URN,
      provider: PROVIDER_URN,
      // The SDK's own, so that a class that an older provider made is found again.
      aliases: [{ type: "kubernetes:storage.k8s.io/v1beta1:StorageClass", parent: STORAGE_URN }],
      deleteBeforeReplace: true,
      replaceOnChanges: ["reclaimPolicy", "volumeBindingMode"],
      inputs: {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: {
          name: "atom-replicated",
          labels: LABELS,
          annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
        },
        provisioner: "linstor.csi.linbit.com",
        parameters: { autoPlace: "2" },
        reclaimPolicy: "Retain",
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
      },
    });
  });

  it("marks no class as default that the operator did not", async () => {
    const plan = classPlan();
    const recording = await declare({
      classes: [{ ...plan, spec: { ...plan.spec, default: false } }],
    });
    assert.deepEqual(recording.one(CLASS, "storage-atom-replicated").inputs["metadata"], {
      name: "atom-replicated",
      labels: LABELS,
    });
  });

  it("passes topologies, mount options, policies and the lack of expansion on", async () => {
    const plan = classPlan({
      parameters: {},
      allowedTopologies: [[{ key: "topology.kubernetes.io/zone", values: ["a", "b"] }]],
      mountOptions: ["noatime"],
      volumeBindingMode: "Immediate",
    });
    const recording = await declare({
      classes: [{ ...plan, spec: { ...plan.spec, reclaimPolicy: "Delete", expansion: false } }],
    });
    const { inputs } = recording.one(CLASS, "storage-atom-replicated");
    assert.deepEqual(inputs, {
      metadata: inputs["metadata"],
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      provisioner: "linstor.csi.linbit.com",
      reclaimPolicy: "Delete",
      volumeBindingMode: "Immediate",
      allowVolumeExpansion: false,
      allowedTopologies: [
        { matchLabelExpressions: [{ key: "topology.kubernetes.io/zone", values: ["a", "b"] }] },
      ],
      mountOptions: ["noatime"],
    });
  });

  it("records only what the operator has set, so that a later version shows no difference", async () => {
    const { inputs } = (await declare()).one("atom:backup:ReplicatedStorage", "storage");
    assert.deepEqual(inputs, {
      backend: "linstor",
      replicationFactor: 2,
      classes: ["atom-replicated"],
    });
  });

  it("gives the names of the classes as an output, in the order of the stack file", async () => {
    const plan = classPlan();
    const recording = await declare({
      classes: [
        { ...plan, spec: { ...plan.spec, name: "z-first" } },
        { ...plan, spec: { ...plan.spec, name: "a-second", default: false } },
      ],
    });
    assert.deepEqual(recording.state.outputs, { classNames: ["z-first", "a-second"] });
  });

  it("owns a companion and makes the classes wait for it", async () => {
    const recording = await declare({ companions: [companion({})] });
    const type = "kubernetes:piraeus.io/v1:LinstorSatelliteConfiguration";
    const registered = withoutVersion(recording.one(type, "storage-tie-breaker"));
    const urn = `${PREFIX}atom:backup:ReplicatedStorage$${type}::storage-tie-breaker`;
    assert.deepEqual(registered, {
      ...NO_OPTIONS,
      urn,
      type,
      name: "storage-tie-breaker",
      custom: true,
      isProvider: false,
      parent: STORAGE_URN,
      provider: PROVIDER_URN,
      inputs: companion({}).object,
    });
    assert.deepEqual(recording.one(CLASS, "storage-atom-replicated").dependsOn, [urn]);
  });

  it("patches only the declared fields of a companion that is another's, by force", async () => {
    const recording = await declare({
      companions: [
        companion({
          key: "node-down",
          hold: "patch",
          object: {
            apiVersion: "longhorn.io/v1beta2",
            kind: "Setting",
            metadata: { name: "node-down-pod-deletion-policy", namespace: "longhorn-system" },
            value: "delete-statefulset-pod",
          },
        }),
      ],
    });
    const setting = recording.one(
      "kubernetes:longhorn.io/v1beta2:SettingPatch",
      "storage-node-down",
    );
    assert.deepEqual(setting.inputs, {
      apiVersion: "longhorn.io/v1beta2",
      kind: "Setting",
      metadata: {
        name: "node-down-pod-deletion-policy",
        namespace: "longhorn-system",
        annotations: { "pulumi.com/patchForce": "true" },
      },
      value: "delete-statefulset-pod",
    });
    assert.equal(setting.protect, false);
    assert.equal(setting.retainOnDelete, true);
  });

  it("protects a companion whose loss loses data", async () => {
    const recording = await declare({ companions: [companion({ protect: true })] });
    const { protect, retainOnDelete } = recording.one(
      "kubernetes:piraeus.io/v1:LinstorSatelliteConfiguration",
      "storage-tie-breaker",
    );
    assert.deepEqual({ protect, retainOnDelete }, { protect: true, retainOnDelete: true });
  });

  it("refuses a companion of a kind of Kubernetes itself, whose type token would be wrong", async () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
    await assert.rejects(declare({ companions: [companion({ object })] }), {
      message: "v1 ConfigMap is no custom resource: declare it with its typed class",
    });
  });
});
