import type { PlainValue } from "../engine/program/desiredState";

/** A resource that a deployment recorded: an entry of the lab's own state or of the Pulumi stack's. */
export interface DeployedResource {
  readonly urn: string;
  readonly type: string;
  /** Provider's id: `[namespace/]name` for Kubernetes objects, the snapshot's reference for VM snapshots. */
  readonly id: string;
  readonly inputs: Readonly<Record<string, PlainValue>>;
  readonly protect: boolean;
  /** Whether dropping it from the program leaves the live object alone; default false. */
  readonly retainOnDelete?: boolean;
}

/** What was deployed, however it was deployed. */
export interface DeployedState {
  readonly way: "lab" | "pulumi";
  readonly resources: readonly DeployedResource[];
  /** The steps in which an earlier deployment was killed or failed; absent when none. */
  readonly pending?: readonly PendingStep[];
}

/** A step that was begun and whose result was not recorded. */
export interface PendingStep {
  readonly urn: string;
  /** A {@link StepKind}. */
  readonly kind: string;
  /** RFC 3339. */
  readonly at: string;
}

/** The answer of one live system: read, or tried and failed, or not needed. */
export type Read<T> =
  | { readonly state: "read"; readonly value: T }
  | { readonly state: "unknown"; readonly why: string }
  | { readonly state: "notNeeded" };

export interface LiveState {
  readonly cluster: Read<ClusterLive>;
  readonly vcenter: Read<VcenterLive>;
}

export interface ClusterLive {
  /** UID of the namespace kube-system. */
  readonly uid: string;
  /** Live objects of the kinds that are declared, by {@link objectKey}. */
  readonly objects: ReadonlyMap<string, LiveObject>;
  /** Kinds that the API server does not serve (their CRD is not installed), by {@link kindKey}. */
  readonly absentKinds: ReadonlySet<string>;
  /** Kinds that could not be read, by {@link kindKey}, with the reason: no permission, say. */
  readonly unreadKinds: ReadonlyMap<string, string>;
}

export interface LiveObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    /** RFC 3339; set while the object waits for its finalizers. */
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

export interface VcenterLive {
  readonly instanceUuid: string;
  readonly vms: readonly LiveVm[];
}

export interface LiveVm {
  /** Managed object reference, e.g. `vm-42`. */
  readonly reference: string;
  readonly name: string;
  /** BIOS UUID, lower case. */
  readonly uuid: string;
  readonly instanceUuid: string | undefined;
  readonly powerState: string;
  /** Whether it is a template, which cannot be powered on and is no node. */
  readonly template: boolean;
  /** The whole tree, parents before children. */
  readonly snapshots: readonly LiveSnapshot[];
}

export interface LiveSnapshot {
  /** Managed object reference, e.g. `snapshot-123`. */
  readonly reference: string;
  readonly name: string;
  readonly description: string;
  /** RFC 3339. */
  readonly createdAt: string;
  readonly parent: string | undefined;
}

export type StepKind =
  /** Live and record agree with what is declared. */
  | "same"
  | "create"
  | "update"
  /** Removed and created again under the same name. */
  | "replace"
  | "delete"
  /** Live already, missing in the record: recorded without touching it. */
  | "adopt"
  /** In the record but no longer declared or no longer there: dropped from the record, live untouched. */
  | "forget"
  /** Must not be done; the reason says why and what to run instead. */
  | "refuse"
  /** Live differs in a way that no deployment mends: a finding for drift; a deployment prints it and goes on. */
  | "differs"
  /** Could not be read, so nothing is said about it. */
  | "unknown";

export interface FieldChange {
  /** Path in the object, e.g. `parameters.replicas`. */
  readonly path: string;
  /** What is live (or recorded when it was not read); undefined when absent. */
  readonly from: PlainValue | undefined;
  readonly to: PlainValue | undefined;
}

/** One thing that a deployment would do; printed by preview, compared by drift, run by the executor. */
export interface Step {
  readonly kind: StepKind;
  readonly urn: string;
  readonly type: string;
  /** For people: `StorageClass atom-replicated`, `VM snapshot atom.lab.pre-24.1 of a-1`. */
  readonly object: string;
  readonly changes: readonly FieldChange[];
  /** Why, in one sentence; what follows from it for data where it is dangerous. */
  readonly reason: string;
  /** The command that mends it; undefined when `up` does. */
  readonly command: string | undefined;
  /** Id in the provider's terms, when known. */
  readonly id: string | undefined;
  /** Set on a refused step that stops being refused once these are written as lost in their point's file. */
  readonly lost?: readonly LostMember[] | undefined;
}

/** A member of a cut restore point whose snapshot is gone. */
export type LostMember = LostVm | LostVolume;

interface LostOf {
  readonly point: string;
  /** From `memberKey`. */
  readonly key: string;
  /** What the snapshot was known by: reference in vCenter, or the storage driver's own id. */
  readonly handle: string;
}

export interface LostVm extends LostOf {
  readonly kind: "virtualMachine";
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID of the machine. */
  readonly uuid: string;
}

export interface LostVolume extends LostOf {
  readonly kind: "volume";
  readonly namespace: string;
  readonly claim: string;
}

/** Key of a kind in {@link ClusterLive}. */
export function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion}|${kind}`;
}

/** Key of an object in {@link ClusterLive}. */
export function objectKey(
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): string {
  return [apiVersion, kind, namespace ?? "", name].join("|");
}
