import { describeObject, type ObjectReference } from "../clients/kubernetes/object";
import type { PlainValue } from "../engine/program/desiredState";

/** Inputs of a resource, as registered or recorded. */
export type Inputs = Readonly<Record<string, PlainValue>>;

type PlainRecord = Readonly<Record<string, PlainValue>>;

export const snapshotType = "vsphere:index/virtualMachineSnapshot:VirtualMachineSnapshot";

export function isSnapshot(type: string): boolean {
  return type === snapshotType;
}

export function isKubernetes(type: string): boolean {
  return type.startsWith("kubernetes:");
}

/** Whether only the declared fields of an object are ours: `StorageClassPatch`, `CustomResourcePatch` and the like. */
export function isPatch(type: string, inputs: Inputs): boolean {
  return type.endsWith(`:${text(inputs["kind"])}Patch`);
}

export function referenceFrom(inputs: Inputs): ObjectReference {
  const metadata = record(inputs["metadata"]);
  const namespace = text(metadata["namespace"]);
  return {
    apiVersion: text(inputs["apiVersion"]),
    kind: text(inputs["kind"]),
    name: text(metadata["name"]),
    namespace: namespace === "" ? undefined : namespace,
  };
}

/** The provider's id of a Kubernetes object: `[namespace/]name`. */
export function objectId({ namespace, name }: ObjectReference): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** Whether two references name the same object, in whatever version of its API. */
export function sameObject(left: ObjectReference, right: ObjectReference): boolean {
  const group = ({ apiVersion }: ObjectReference): string =>
    apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
  return (
    group(left) === group(right) && left.kind === right.kind && objectId(left) === objectId(right)
  );
}

/** Labels that say whose an object is; both have to be equal. */
const OWNER_LABELS = ["app.kubernetes.io/managed-by", "atom-backup/stack"] as const;

interface Labelled {
  readonly metadata: { readonly labels?: Readonly<Record<string, string>> };
}

/** Whether a live object carries the owner labels of this stack's declaration. */
export function carriesOurMark(live: Labelled, inputs: Inputs): boolean {
  const declared = record(record(inputs["metadata"])["labels"]);
  return OWNER_LABELS.every(
    (label) => text(declared[label]) !== "" && live.metadata.labels?.[label] === declared[label],
  );
}

/** The owner labels that a declaration carries, for people. */
export function ownerLabels(inputs: Inputs): string {
  const declared = record(record(inputs["metadata"])["labels"]);
  return OWNER_LABELS.map((label) => `${label}=${text(declared[label])}`).join(", ");
}

export interface SnapshotInputs {
  readonly virtualMachineUuid: string;
  readonly snapshotName: string;
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

export function snapshotInputs(inputs: Inputs): SnapshotInputs {
  return {
    virtualMachineUuid: text(inputs["virtualMachineUuid"]).toLowerCase(),
    snapshotName: text(inputs["snapshotName"]),
    description: text(inputs["description"]),
    memory: inputs["memory"] === true,
    quiesce: inputs["quiesce"] === true,
  };
}

/** For people: `StorageClass atom-replicated`, `VM snapshot atom.lab.pre-24.1 of atom-a-1`. */
export function describeResource(
  type: string,
  inputs: Inputs,
  vm: (uuid: string) => string,
): string {
  if (isSnapshot(type)) {
    const { snapshotName, virtualMachineUuid } = snapshotInputs(inputs);
    return `VM snapshot ${snapshotName} of ${vm(virtualMachineUuid)}`;
  }
  const described = describeObject(referenceFrom(inputs));
  return isPatch(type, inputs) ? `fields of ${described}` : described;
}

export function text(value: PlainValue | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The value as an object; an empty one when it is none. */
export function record(value: PlainValue | undefined): PlainRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as PlainRecord)
    : {};
}
