// Shows what is registered. Not shown here: what the engine and the API server make of it.
import assert from "node:assert/strict";
import { kubernetesProvider, SnapshotClasses, type SnapshotClassesArgs } from "../../components";
import { NO_OPTIONS, record, withoutVersion, type Recording } from "../support/recorder";

const VOLUME = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass";
const GROUP = "kubernetes:groupsnapshot.storage.k8s.io/v1beta2:VolumeGroupSnapshotClass";
const PREFIX = "urn:pulumi:test::atom-backup::";
const LABELS = { "app.kubernetes.io/managed-by": "atom-backup" };
const PLAN = {
  name: "atom-snapshots",
  driver: "linstor.csi.linbit.com",
  deletionPolicy: "Retain",
  parameters: {},
} as const;

function declare(args: Partial<SnapshotClassesArgs> = {}): Promise<Recording> {
  return record(() => {
    const cluster = kubernetesProvider("kubernetes", { clusterIdentifier: "test" });
    const { volumeClass, volumeGroupClass } = new SnapshotClasses(
      "snapshots",
      { volume: PLAN, labels: LABELS, ...args },
      { providers: [cluster] },
    );
    return { volumeClass, group: volumeGroupClass ?? "none" };
  });
}

describe("SnapshotClasses", () => {
  it("registers one class for volumes, not the default and without empty maps", async () => {
    const recording = await declare();
    assert.deepEqual(recording.names, [
      "pulumi:providers:kubernetes kubernetes",
      "atom:backup:SnapshotClasses snapshots",
      `${VOLUME} snapshots-volume`,
    ]);
    const registered = withoutVersion(recording.one(VOLUME, "snapshots-volume"));
    assert.deepEqual(registered, {
      ...NO_OPTIONS,
      urn: `${PREFIX}atom:backup:SnapshotClasses$${VOLUME}::snapshots-volume`,
      type: VOLUME,
      name: "snapshots-volume",
      custom: true,
      isProvider: false,
      parent: `${PREFIX}atom:backup:SnapshotClasses::snapshots`,
      provider: `${PREFIX}pulumi:providers:kubernetes::kubernetes`,
      inputs: {
        apiVersion: "snapshot.storage.k8s.io/v1",
        kind: "VolumeSnapshotClass",
        metadata: { name: "atom-snapshots", labels: LABELS },
        driver: "linstor.csi.linbit.com",
        deletionPolicy: "Retain",
      },
    });
    assert.deepEqual(recording.state.outputs, { volumeClass: "atom-snapshots", group: "none" });
  });

  it("registers a class for groups where the driver has them", async () => {
    const recording = await declare({
      volumeGroup: {
        ...PLAN,
        name: "atom-group",
        deletionPolicy: "Delete",
        parameters: { a: "1" },
      },
    });
    assert.deepEqual(recording.one(GROUP, "snapshots-volume-group").inputs, {
      apiVersion: "groupsnapshot.storage.k8s.io/v1beta2",
      kind: "VolumeGroupSnapshotClass",
      metadata: { name: "atom-group", labels: LABELS },
      driver: "linstor.csi.linbit.com",
      deletionPolicy: "Delete",
      parameters: { a: "1" },
    });
    assert.deepEqual(recording.state.outputs, {
      volumeClass: "atom-snapshots",
      group: "atom-group",
    });
  });

  it("marks the classes as defaults only when told to", async () => {
    const recording = await declare({ default: true, volumeGroup: PLAN });
    assert.deepEqual(recording.one(VOLUME, "snapshots-volume").inputs["metadata"], {
      name: "atom-snapshots",
      labels: LABELS,
      annotations: { "snapshot.storage.kubernetes.io/is-default-class": "true" },
    });
    assert.deepEqual(recording.one(GROUP, "snapshots-volume-group").inputs["metadata"], {
      name: "atom-snapshots",
      labels: LABELS,
      annotations: { "groupsnapshot.storage.kubernetes.io/is-default-class": "true" },
    });
  });
});
