import type { ClusterObject } from "../../clients/kubernetes/object";
import type {
  PointRecord,
  RollbackRecord,
  VmRecord,
  VolumeMember,
} from "../../planning/pointRecord";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import type { StopWorld } from "../product/hazards";
import type { ReleaseObjects } from "../release/types";
import type { Sources } from "../verify/verifyMember";

/** The command, as the journal names it. */
export const ROLLBACK_COMMAND = "rollback";
/** The same for VMs: what is pending of it has a command of its own. */
export const REVERT_COMMAND = "rollback --vms-only";

/** A rollback cannot begin, or cannot go on; the message says what to do. */
export class RollbackError extends Error {
  override readonly name = "RollbackError";
}

/**
 * - `back`: to the state of the point
 * - `undo`: to the state before the rollback, however far that came
 */
export type Direction = "back" | "undo";

type StepKind =
  | "save"
  | "restore"
  | "bind"
  | "retain"
  | "pause"
  | "stop"
  | "swap"
  | "objects"
  | "start"
  | "resume";

/** One step: what is shown is what is done, in this order. All of them can be repeated. */
export interface RollbackStep {
  readonly kind: StepKind;
  /** What it does, for people. */
  readonly does: string;
  /** What it works on, for people. */
  readonly objects: readonly string[];
  /** What holds when the command ends after it, and what `--undo` has to do then: every step is an abort point. */
  readonly after: string;
}

/** A claim of the point, what it has now and what it will have. */
export interface PlannedClaim {
  readonly namespace: string;
  readonly claim: string;
  /** Names of PersistentVolumes. `to` is undefined until the volume is restored; `from` where there is no claim. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** For people: the snapshot and its moment, or the volume. */
  readonly source: string;
}

/** What restoring a release would do with the objects that are there; each for people. */
export interface ObjectChanges {
  readonly changed: readonly string[];
  readonly made: readonly string[];
  readonly removed: readonly string[];
  /** Not of the release and left all the same: claims, jobs and custom resources. */
  readonly left: readonly string[];
}

/** What a rollback would do, and what stands against it; plain values. */
export interface RollbackPlan {
  readonly point: string;
  readonly release: string;
  readonly direction: Direction;
  readonly steps: readonly RollbackStep[];
  readonly claims: readonly PlannedClaim[];
  /** Workloads that stop, with their replicas now. */
  readonly stops: readonly string[];
  readonly objects: ObjectChanges;
  /** Images that return: `workload container: image`. */
  readonly images: readonly string[];
  /** Seconds of data that the product gives up; 0 for an undo of a rollback that is not done. */
  readonly givenUpSeconds: number;
  /** Bytes of the volumes that are restored, all copies counted; and free ones, where the driver says it. */
  readonly neededBytes: number;
  readonly freeBytes: number | undefined;
  /** Of restoring and reading, which the product does not notice, from the last verification; and of its stop. */
  readonly restoreMinutes: number | undefined;
  readonly stopMinutes: number | undefined;
  readonly cannotBeUndone: readonly string[];
  readonly warnings: readonly string[];
  /** What nobody answers for: the rollback does not begin. */
  readonly refusals: readonly string[];
  /** SHA-256 over what will be done. */
  readonly digest: string;
}

/** What a plan is made from. */
export interface RollbackWorld {
  readonly site: Site;
  readonly direction: Direction;
  /** Restores although a site is down: where the volumes are now does not count. */
  readonly degraded: boolean;
  readonly now: Date;
  readonly record: PointRecord;
  /** All points of the stack. */
  readonly points: readonly PointRecord[];
  /** The rollback that is at work or to be undone; undefined for a new one. */
  readonly rollback: RollbackRecord | undefined;
  /** Release to go to; undefined where it was never stored. */
  readonly target: ReleaseObjects | undefined;
  /** `namespace/name` of Secrets of the target without a copy. */
  readonly missingSecrets: readonly string[];
  readonly live: ReleaseObjects;
  readonly volumes: ReadonlyMap<string, ClusterObject>;
  /** Pods that have a claim and could write. */
  readonly pods: readonly ClusterObject[];
  readonly attachments: readonly ClusterObject[];
  readonly nodes: readonly ClusterObject[];
  readonly capacities: readonly ClusterObject[];
  /** Also has the claims of the product's namespaces. */
  readonly stop: StopWorld;
  readonly sources: Sources;
  /** Living volumes of the point that no VolumeSnapshot leads to. */
  readonly unbound: readonly VolumeMember[];
  /** Those of them that are bound again. */
  readonly bindable: readonly VolumeMember[];
}

/** A VM of the point, as it is and as it was. */
export interface PlannedVm {
  readonly node: string;
  readonly role: NodeVirtualMachine["role"];
  /** Name and reference in vCenter, and that of the point's snapshot. */
  readonly name: string;
  readonly reference: string;
  readonly snapshot: string;
  readonly powerState: string;
  /** What it was made of at the point; undefined where nobody wrote it down. */
  readonly then: VmRecord | undefined;
  /** Whether an earlier run of the same revert has reverted it. */
  readonly isReverted: boolean;
}

/** What stands against a rollback, and what is to be known before it, in sentences. */
export type Judgement = Pick<RollbackPlan, "refusals" | "warnings">;

export const NOTHING: Judgement = { refusals: [], warnings: [] };
