import type { Read } from "../clients/access";
import type { ClusterObject } from "../clients/kubernetes/object";
import type { Named, Vm } from "../clients/vcenter/vms";
import type { FieldChange } from "../engine/preview";

export interface LiveState {
  readonly cluster: Read<ClusterLive>;
  readonly vcenter: Read<VcenterLive>;
}

export interface ClusterLive {
  /** UID of the namespace kube-system. */
  readonly uid: string;
  /** Live objects of the kinds that are declared, by {@link objectKey}. */
  readonly objects: ReadonlyMap<string, ClusterObject>;
  /** Kinds that the API server does not serve (their CRD is not installed), by {@link kindKey}. */
  readonly absentKinds: ReadonlySet<string>;
  /** Kinds that could not be read, by {@link kindKey}, with the reason: no permission, say. */
  readonly unreadKinds: ReadonlyMap<string, string>;
}

export interface VcenterLive {
  readonly instanceUuid: string;
  readonly vms: readonly LiveVm[];
  /** VMs and templates by name; absent where no clones of nodes are made. */
  readonly clones?: readonly Named[];
}

export type LiveVm = Pick<
  Vm,
  "reference" | "name" | "uuid" | "host" | "datastores" | "snapshots" | "attributes"
>;

/**
 * - `same`: it lives as declared.
 * - `missing`: it is declared and not there; a deployment makes it.
 * - `differs`: it lives with other fields than declared.
 * - `lost`: a VM snapshot that was taken is gone; it is never taken anew.
 * - `foreign`: what lives under its name is somebody else's.
 * - `undeclared`: a VM snapshot is recorded that is not declared any more.
 * - `unknown`: it could not be read, so that nothing is said about it.
 */
export type FindingKind =
  "same" | "missing" | "differs" | "lost" | "foreign" | "undeclared" | "unknown";

/** One declared or recorded object against what lives; printed by every command that reads live systems. */
export interface Finding {
  readonly kind: FindingKind;
  /** Empty, like the type, where the finding is about what the stack file says and no resource declares. */
  readonly urn: string;
  readonly type: string;
  /** For people: `StorageClass atom-replicated`, `VM snapshot atom.lab.pre-24.1 of a-1`. */
  readonly object: string;
  /** Live value first, declared one second. */
  readonly changes: readonly FieldChange[];
  /** Why, in one sentence; what follows from it for data where it is dangerous. */
  readonly reason: string;
  /** The command that mends it; undefined where `up` does. */
  readonly command: string | undefined;
  /** Id in the provider's terms, where known. */
  readonly id: string | undefined;
  /** Whether nothing may be deployed while it is so; absent: no. */
  readonly blocked?: boolean;
  /** What the stack's state lacks or has too much; absent: nothing. */
  readonly state?: "import" | "remove";
  /** What has to be written as lost in its point's file, after asking; then it blocks nothing any more. */
  readonly lost?: LostMember;
}

/** A finding about what no resource of the stack declares. */
export function found(
  kind: FindingKind,
  object: string,
  reason: string,
  changes: readonly FieldChange[] = [],
  command?: string,
): Finding {
  return { kind, urn: "", type: "", object, changes, reason, command, id: undefined };
}

/** What was found of an object, or that it is as it should be. */
export function judged(object: string, findings: readonly Finding[]): readonly Finding[] {
  return findings.length > 0 ? findings : [found("same", object, "As declared.")];
}

/** A VM of a restore point whose snapshot is gone. */
export interface LostMember {
  readonly point: string;
  /** From `memberKey`. */
  readonly key: string;
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID of the VM. */
  readonly uuid: string;
  /** Managed object reference that the snapshot had. */
  readonly handle: string;
}

export function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion}|${kind}`;
}

export function objectKey(
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
  name: string,
): string {
  return [apiVersion, kind, namespace ?? "", name].join("|");
}
