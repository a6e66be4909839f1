import type {
  ClassPlan,
  Companion,
  FailoverPlan,
  Loss,
  Options,
  RaisePlan,
  SnapshotClassPlan,
  TopologyPlan,
  Verdict,
} from "../plan";
import type { Problem } from "../problem";
import type { BackendId, Site, StorageClassSpec } from "../site";
import type { ObservationPlan } from "./observation";

/** What a backend is asked to declare: the site and where its replicas may stand. */
export interface StorageRequest {
  readonly site: Site;
  readonly topology: TopologyPlan;
}

/** One allowed option of a backend or of a class, for checks and for the reference page. */
export interface OptionSpec {
  readonly type: "string" | "integer" | "boolean" | "strings";
  readonly description: string;
  readonly allowed?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly required?: boolean;
  /** Shown in the reference page; the value the driver or we assume when the option is absent. */
  readonly default?: string;
}

export interface BackendLimits {
  /** Most copies the driver accepts. */
  readonly replicas: number;
  readonly snapshotsPerVolume: number | undefined;
  /** Whether a restored claim must have exactly the snapshot's size or may be larger. */
  readonly restoreSize: "equal" | "atLeast";
  /** Class parameter with the number of copies, of a driver that restores no more of them than were snapshotted. */
  readonly restoredCopies?: string;
  readonly expandWithSnapshots: boolean;
}

/** Something the cluster must have before an apply; run by preflight and drift. */
export interface ClusterCheck {
  readonly id: string;
  /** What is looked for, one sentence. */
  readonly title: string;
  readonly requires:
    | { readonly kind: "csiDriver"; readonly name: string }
    | { readonly kind: "crd"; readonly name: string; readonly version: string }
    | {
        readonly kind: "nodeLabel";
        readonly key: string;
        readonly nodes: readonly string[];
        /** What the label has to say on each of the nodes; undefined means any value but the empty one. */
        readonly value?: string;
      }
    | {
        readonly kind: "object";
        readonly apiVersion: string;
        /** Kind of the object, e.g. `DaemonSet`. */
        readonly object: string;
        readonly namespace?: string;
        readonly name: string;
      };
  readonly remedy: string;
}

/** The one seam that grows: a storage backend, as pure functions on plain values. */
export interface StorageBackend {
  readonly id: BackendId;
  readonly title: string;
  /** Allow-list of `backendOptions`. */
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Allow-list of `classes[].options`. */
  readonly classOptions: Readonly<Record<string, OptionSpec>>;
  readonly limits: BackendLimits;
  /**
   * What is declared or promised on the word of a source alone, one sentence each: not fed to the driver's own parser,
   * nor seen on a real installation. Printed by the reference page and the report.
   */
  readonly unverified: readonly string[];
  /**
   * Further class parameters that touch neither placement nor quorum nor consistency, by their name without the driver's
   * prefix, with what each does; others pass by a waiver only. Undefined where nothing is known of the driver.
   */
  readonly harmless: Readonly<Record<string, string>> | undefined;
  /** What this backend refuses for this site: placement that cannot be hard, versions, combinations. */
  check(request: StorageRequest): readonly Problem[];
  provisioner(options: Options): string;
  /** Whether all copies of a volume may come to stand in one site, although there are several. */
  soft(options: Options): boolean;
  storageClass(request: StorageRequest, spec: StorageClassSpec): ClassPlan;
  companions(request: StorageRequest): readonly Companion[];
  /** Undefined where the driver has no snapshots. */
  snapshotClass(request: StorageRequest): SnapshotClassPlan | undefined;
  /** Undefined where the driver has no group snapshots in this version. */
  groupSnapshotClass(request: StorageRequest): SnapshotClassPlan | undefined;
  failover(request: StorageRequest): FailoverPlan | { readonly refused: Problem };
  survival(request: StorageRequest, loss: Loss): Verdict;
  raiseFactor(request: StorageRequest): RaisePlan;
  clusterChecks(request: StorageRequest): readonly ClusterCheck[];
  /** How many copies a volume really has, and where: what is read for it, or why it is not. */
  observation(request: StorageRequest): ObservationPlan;
}
