import type { StateDocument, StateEntry } from "../../engine/stateDocument";

/*
 * What Pulumi 3.259 with the kubernetes provider 4.34 and the vsphere provider 4.18 was seen to print and keep for the
 * lab stack, cut down to what is read here.
 */

export const project = "urn:pulumi:lab::atom-backup::";
export const stackUrn = `${project}pulumi:pulumi:Stack::atom-backup-lab`;
export const storageUrn = `${project}atom:backup:ReplicatedStorage::storage`;
export const pointUrn = `${project}atom:backup:RestorePoint::pre-24.1`;
export const kubernetesUrn = `${project}pulumi:providers:kubernetes::kubernetes`;
export const vsphereUrn = `${project}pulumi:providers:vsphere::vsphere`;
export const classType = "kubernetes:storage.k8s.io/v1:StorageClass";
export const classUrn = `${project}atom:backup:ReplicatedStorage$${classType}::storage-atom-replicated`;
const snapshotType = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";

export function memberUrn(node: string): string {
  return `${project}atom:backup:RestorePoint$${snapshotType}::pre-24.1-vm-${node}`;
}

export const classInputs = {
  allowVolumeExpansion: true,
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "atom-replicated" },
  parameters: { replicas: "2" },
  provisioner: "lab.csi.atom.example",
  reclaimPolicy: "Retain",
  volumeBindingMode: "WaitForFirstConsumer",
};

export function memberInputs(node: string): Readonly<Record<string, string | boolean>> {
  return {
    description: `restore point pre-24.1 of ${node}`,
    memory: false,
    quiesce: false,
    removeChildren: false,
    snapshotName: "atom.lab.pre-24.1",
    virtualMachineUuid: "42100000-0000-4000-8000-0000000000a1",
  };
}

const stackEntry: StateEntry = { urn: stackUrn, custom: false, type: "pulumi:pulumi:Stack" };

const kubernetesEntry: StateEntry = {
  urn: kubernetesUrn,
  custom: true,
  id: "434d5508-605e-4990-8228-afe2e1df958f",
  type: "pulumi:providers:kubernetes",
  inputs: { __internal: {}, clusterIdentifier: "lab", version: "4.34.2" },
  parent: stackUrn,
};

const vsphereEntry: StateEntry = {
  urn: vsphereUrn,
  custom: true,
  id: "5aea8ec7-c941-4b35-807f-46229df2d449",
  type: "pulumi:providers:vsphere",
  inputs: {
    password: {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      ciphertext: "v1:4MV9GmKdvUGcdo2N:25zjcTyIQevg8I55",
    },
    user: "administrator@vsphere.local",
    vsphereServer: "127.0.0.1:26444",
  },
  parent: stackUrn,
};

export const classEntry: StateEntry = {
  urn: classUrn,
  custom: true,
  id: "atom-replicated",
  type: classType,
  inputs: classInputs,
  outputs: { ...classInputs, __inputs: classInputs, __initialApiVersion: "storage.k8s.io/v1" },
  parent: storageUrn,
  provider: `${kubernetesUrn}::434d5508-605e-4990-8228-afe2e1df958f`,
};

export function memberEntry(node: string, id: string): StateEntry {
  return {
    urn: memberUrn(node),
    custom: true,
    id,
    type: snapshotType,
    inputs: { __defaults: [], ...memberInputs(node) },
    outputs: { ...memberInputs(node), consolidate: null, id },
    parent: pointUrn,
    protect: true,
    provider: `${vsphereUrn}::5aea8ec7-c941-4b35-807f-46229df2d449`,
    retainOnDelete: true,
    ignoreChanges: ["*"],
  };
}

/** State after a point of two VMs was taken. Version 4, because resource hooks are used. */
export const takenState: StateDocument = {
  version: 4,
  deployment: {
    manifest: { time: "2026-11-23T14:04:51Z", magic: "0", version: "v3.259.0" },
    resources: [
      stackEntry,
      kubernetesEntry,
      vsphereEntry,
      { urn: storageUrn, custom: false, type: "atom:backup:ReplicatedStorage", parent: stackUrn },
      { urn: pointUrn, custom: false, type: "atom:backup:RestorePoint", parent: stackUrn },
      classEntry,
      memberEntry("atom-a-1", "snapshot-93"),
      memberEntry("atom-a-2", "snapshot-99"),
    ],
  },
};

/** State after everything was taken out of it, and after a run targeted at the providers. */
export const emptiedState: StateDocument = {
  ...takenState,
  deployment: { ...takenState.deployment, resources: [] },
};
export const providersOnly: StateDocument = {
  ...takenState,
  deployment: {
    ...takenState.deployment,
    resources: [stackEntry, kubernetesEntry, vsphereEntry],
  },
};

/** `preview --refresh --json` after the class was changed by hand and the factor in the configuration. */
export const replaceDigest = JSON.stringify({
  steps: [
    { op: "refresh", urn: classUrn, detailedDiff: null },
    { op: "same", urn: stackUrn },
    { op: "update", urn: storageUrn, detailedDiff: null },
    {
      op: "replace",
      urn: classUrn,
      oldState: { inputs: { ...classInputs, allowVolumeExpansion: false } },
      newState: { inputs: { ...classInputs, parameters: { replicas: "3" } } },
      replaceReasons: ["parameters.replicas"],
      detailedDiff: {
        allowVolumeExpansion: { kind: "update", inputDiff: false },
        "parameters.replicas": { kind: "update-replace", inputDiff: false },
      },
    },
  ],
  diagnostics: [
    {
      message: "warning: using pulumi-resource-vsphere from $PATH at /opt/bin/x\n",
      severity: "warning",
    },
  ],
  changeSummary: { replace: 1, same: 19, update: 1 },
});

/** The same on an untouched stack. */
export const unchangedDigest = JSON.stringify({
  steps: [
    { op: "refresh", urn: classUrn, detailedDiff: null },
    { op: "same", urn: classUrn },
  ],
  changeSummary: { same: 15 },
});

/** A snapshot was removed in vCenter while another one of the machine remains: exit 1. */
export const notFoundDigest = JSON.stringify({
  steps: [{ op: "refresh", urn: memberUrn("atom-a-2"), detailedDiff: null }],
  diagnostics: [
    {
      urn: memberUrn("atom-a-2"),
      message:
        'error:   sdk-v2/provider2.go:571: sdk.helper_schema: error while finding the snapshot :snapshot "snapshot-99" not found: provider=vsphere@4.18.0\n',
      severity: "error",
    },
    { message: "error: preview failed\n", severity: "error" },
  ],
});

/** A member of a taken point is missing in the state and declared: the hook's words, exit 1. */
export const takenOnceError =
  'error: Preview failed: before hook "pre-24.1 taken once" failed: restore point pre-24.1 was taken at 2026-11-23T14:33:14.039Z';

/** Text of `up` in which one update failed. */
export const failedUp = `Updating (lab):
    pulumi:pulumi:Stack atom-backup-lab running warning: using pulumi-resource-vsphere from $PATH at /x
 ~  atom:backup:ReplicatedStorage storage refreshing (0s)${" "}
 ~  kubernetes:storage.k8s.io/v1:StorageClass atom-replicated refresh (0.02s)${" "}
 +  vsphere:index:VirtualMachineSnapshot pre-24.1-vm-atom-a-1 creating (0s)${" "}
 +  vsphere:index:VirtualMachineSnapshot pre-24.1-vm-atom-a-1 created (0.41s)${" "}
 -- kubernetes:storage.k8s.io/v1:StorageClass atom-replicated deleting original (0s) Resource scheduled for deletion
 -- kubernetes:storage.k8s.io/v1:StorageClass atom-replicated deleting original (38s) error: context canceled
 -- kubernetes:storage.k8s.io/v1:StorageClass atom-replicated **deleting failed** error: context canceled
Diagnostics:
  pulumi:pulumi:Stack (atom-backup-lab):
    warning: using pulumi-resource-vsphere from $PATH at /x
    error: update failed

  kubernetes:storage.k8s.io/v1:StorageClass (atom-replicated):
    error: deletion failed:
      context canceled

Resources:
    ~ 1 updated
`;

/** Words of `stack import` while another run, or a dead one, holds the lock. */
export const lockedError =
  "error: could not import deployment: the stack is currently locked by 1 lock(s). Either wait for the other " +
  "process(es) to end or delete the lock file with `pulumi cancel`.\n" +
  "  file:///state/.pulumi/locks/organization/atom-backup/lab/4374bc2c.json: created by root@vm (pid 7548) at 2026-11-23T14:46:15Z";
