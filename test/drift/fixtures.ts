import type { DesiredState, PlainValue, Registration } from "../../engine/program/desiredState";
import type { StackResource, StackState } from "../../engine/stackState";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { VmSnapshot } from "../../clients/vcenter/vms";
import { type LiveState, type LiveVm, objectKey } from "../../drift/types";
import { objectId, referenceFrom, snapshotType } from "../../drift/resources";
import { pointFile, vmMember } from "../support/points";
import { labels, memberResourceName, ownerMark, snapshotName } from "../../planning/names";
import type { PointFile, TakenVmSnapshot } from "../../planning/site";

export const stack = "lab";

type Inputs = Readonly<Record<string, PlainValue>>;

/** A registration with every option at its default. */
export function registration(
  type: string,
  name: string,
  inputs: Inputs,
  options: Partial<Registration> = {},
): Registration {
  return {
    urn: `urn:pulumi:${stack}::atom-backup::${type}::${name}`,
    type,
    name,
    custom: true,
    isProvider: false,
    inputs,
    secretInputs: [],
    parent: undefined,
    provider: undefined,
    dependsOn: [],
    protect: false,
    retainOnDelete: false,
    deleteBeforeReplace: false,
    replaceOnChanges: [],
    ignoreChanges: [],
    aliases: [],
    version: undefined,
    hooks: {},
    ...options,
  };
}

export const defaultAnnotation = "storageclass.kubernetes.io/is-default-class";

/** The class that the lab stack declares. */
export function storageClass(
  change: Inputs = {},
  options: Partial<Registration> = {},
): Registration {
  const inputs: Inputs = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: {
      name: "atom-replicated",
      labels: labels(stack),
      annotations: { [defaultAnnotation]: "true" },
    },
    provisioner: "lab.csi.atom.example",
    parameters: { replicas: "2", spreadKey: "topology.kubernetes.io/zone", maxPerDomain: "1" },
    reclaimPolicy: "Retain",
    volumeBindingMode: "WaitForFirstConsumer",
    allowVolumeExpansion: true,
    ...change,
  };
  const replaceOnChanges = ["reclaimPolicy", "volumeBindingMode"];
  return registration(
    "kubernetes:storage.k8s.io/v1:StorageClass",
    "storage-atom-replicated",
    inputs,
    {
      deleteBeforeReplace: true,
      replaceOnChanges,
      ...options,
    },
  );
}

export function snapshotClass(change: Inputs = {}): Registration {
  const inputs: Inputs = {
    apiVersion: "snapshot.storage.k8s.io/v1",
    kind: "VolumeSnapshotClass",
    metadata: { name: "atom-snapshots", labels: labels(stack) },
    driver: "lab.csi.atom.example",
    deletionPolicy: "Retain",
    ...change,
  };
  const type = "kubernetes:snapshot.storage.k8s.io/v1:VolumeSnapshotClass";
  return registration(type, "snapshots-volume", inputs);
}

/** One field of somebody else's object. */
export function configMapPatch(value = "on"): Registration {
  const inputs: Inputs = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "settings",
      namespace: "default",
      annotations: { "pulumi.com/patchForce": "true" },
    },
    data: { mode: value },
  };
  return registration("kubernetes:v1:ConfigMapPatch", "storage-settings", inputs);
}

export const takenAt = "2026-11-20T10:00:00Z";

/** A restore point's file, being taken. */
export function point(change: Partial<PointFile> = {}): PointFile {
  return pointFile({ state: "taking", ...change });
}

export function uuidOf(node: string): string {
  return `4221a701-0000-4000-8000-0000000${node.replace(/[^a-c0-9]/g, "").padStart(5, "0")}`;
}

export function pointMember(
  node: string,
  handle: string,
  change: Partial<TakenVmSnapshot> = {},
): TakenVmSnapshot {
  return vmMember(node, handle, uuidOf(node), change);
}

export interface MemberOptions {
  readonly uuid?: string;
  readonly point?: string;
  readonly options?: Partial<Registration>;
}

/** A VM snapshot of a point, as the component registers it. */
export function member(
  node: string,
  { uuid, point: name = "pre-24.1", options }: MemberOptions = {},
): Registration {
  const inputs: Inputs = {
    virtualMachineUuid: uuid ?? uuidOf(node),
    snapshotName: snapshotName(stack, name),
    description: ownerMark({ stack, point: name, release: "24.1", node }),
    memory: false,
    quiesce: false,
    removeChildren: false,
  };
  return registration(snapshotType, memberResourceName(name, node), inputs, {
    protect: true,
    retainOnDelete: true,
    ...options,
  });
}

export function desiredOf(registrations: readonly Registration[]): DesiredState {
  return { project: "atom-backup", stack, registrations, outputs: {}, hooks: new Map() };
}

export function recorded(declared: Registration, id?: string): StackResource {
  const { urn, type, inputs, protect, retainOnDelete } = declared;
  return {
    urn,
    type,
    id: id ?? objectId(referenceFrom(inputs)),
    inputs,
    protect,
    ...(retainOnDelete ? { retainOnDelete } : {}),
  };
}

export function stateOf(resources: readonly StackResource[]): StackState {
  return { resources, pendingCreations: [] };
}

/** A declared object as the API server would send it, with what it adds of its own. */
export function liveObject(
  declared: Registration,
  change: Readonly<Record<string, unknown>> = {},
): ClusterObject {
  const object = structuredClone(declared.inputs) as unknown as ClusterObject;
  return {
    ...object,
    ...change,
    metadata: {
      uid: "0f3a",
      resourceVersion: "41",
      creationTimestamp: "2026-11-01T00:00:00Z",
      managedFields: [{ manager: "pulumi-kubernetes" }],
      ...object.metadata,
      ...(change["metadata"] as object | undefined),
    } as ClusterObject["metadata"],
  };
}

export function snapshotOf(
  declared: Registration,
  reference: string,
  change: Partial<VmSnapshot> = {},
): VmSnapshot {
  return {
    reference,
    name: String(declared.inputs["snapshotName"]),
    description: String(declared.inputs["description"]),
    createdAt: takenAt,
    parent: undefined,
    ...change,
  };
}

export function vm(
  node: string,
  snapshots: readonly VmSnapshot[] = [],
  change: Partial<LiveVm> = {},
): LiveVm {
  return {
    reference: `vm-${node}`,
    name: node,
    uuid: uuidOf(node),
    host: undefined,
    datastores: [],
    attributes: new Map(),
    snapshots,
    ...change,
  };
}

export interface LiveParts {
  readonly objects?: readonly ClusterObject[];
  readonly vms?: readonly LiveVm[];
  readonly absentKinds?: readonly string[];
  readonly unreadKinds?: Readonly<Record<string, string>>;
}

/** Both systems as read. */
export function liveOf({
  objects = [],
  vms = [],
  absentKinds = [],
  unreadKinds = {},
}: LiveParts): LiveState {
  const byKey = objects.map((object): [string, ClusterObject] => {
    const { apiVersion, kind, metadata } = object;
    return [objectKey(apiVersion, kind, metadata.namespace, metadata.name), object];
  });
  return {
    cluster: {
      state: "read",
      value: {
        uid: "cluster-1",
        objects: new Map(byKey),
        absentKinds: new Set(absentKinds),
        unreadKinds: new Map(Object.entries(unreadKinds)),
      },
    },
    vcenter: { state: "read", value: { instanceUuid: "vcenter-1", vms } },
  };
}
