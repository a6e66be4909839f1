import type {
  FailureDomainSite,
  TakenVmSnapshot,
  NodeVirtualMachine,
  OptionValue,
  PointState,
  Site,
  StorageClassSpec,
} from "./site";

/** A Kubernetes object in plain values, as it will be declared. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Everything the program declares for a site, and what it promises. Pure function of the Site. */
export interface SitePlan {
  readonly site: Site;
  readonly topology: TopologyPlan;
  readonly classes: readonly ClassPlan[];
  /** Undefined where the driver has no snapshots: then no restore point holds volumes. */
  readonly snapshotClass: SnapshotClassPlan | undefined;
  readonly groupSnapshotClass: SnapshotClassPlan | undefined;
  /** What makes the API server know snapshots, and takes them; undefined where the cluster brings it. */
  readonly snapshotController: SnapshotControllerPlan | undefined;
  readonly companions: readonly Companion[];
  /** What is declared for Velero. */
  readonly velero: readonly Companion[];
  /** Rules of Prometheus; undefined where nobody asked for alerts. */
  readonly alerts: Companion | undefined;
  readonly failover: FailoverPlan;
  readonly survival: SurvivalTable;
  readonly restorePoints: readonly RestorePointPlan[];
  /** Whether existing volumes follow a raised factor, and how. */
  readonly raise: RaisePlan;
}

export interface TopologyPlan {
  readonly siteLabel: string;
  /** Sites that hold replicas, in the order of the stack file. */
  readonly dataSites: readonly SiteNodes[];
  /** Sites that only vote. */
  readonly witnessSites: readonly SiteNodes[];
  /** Failure-domain sites that fall independently (a witness with `locatedIn` does not count). */
  readonly independentSites: number;
  /** Whether replicas spread over sites (two or more data sites) or over nodes only. */
  readonly spread: "sites" | "nodes";
  /** Copies at most in one data site: ceil(factor / data sites); the factor itself with one data site. */
  readonly maxPerSite: number;
  /**
   * Copies per data site in the plan, by site name, e.g. `{a: 1, b: 1, c: 0}`: which sites, where the factor leaves
   * some empty, varies per volume.
   */
  readonly replicasPerSite: Readonly<Record<string, number>>;
}

export type SiteNodes = Omit<FailureDomainSite, "role">;

export interface TopologyTerm {
  readonly key: string;
  readonly values: readonly string[];
}

export interface ClassPlan {
  readonly spec: StorageClassSpec;
  readonly provisioner: string;
  /** All values are strings, as the API demands. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly allowedTopologies: readonly (readonly TopologyTerm[])[] | undefined;
  readonly volumeBindingMode: "WaitForFirstConsumer" | "Immediate";
  readonly mountOptions: readonly string[];
}

export interface SnapshotClassPlan {
  readonly name: string;
  readonly driver: string;
  readonly deletionPolicy: "Retain" | "Delete";
  readonly parameters: Readonly<Record<string, string>>;
}

/** The controller that binds snapshots to what the drivers take; the snapshot CRDs come with it. */
export interface SnapshotControllerPlan {
  readonly image: string;
  readonly namespace: string;
  /** 2, of which one leads; 1 where there is one storage node only. */
  readonly replicas: number;
  /** Whether group snapshots are switched on: where a class of groups is declared. */
  readonly groups: boolean;
  /** Label by which the replicas are kept in different sites. */
  readonly siteLabel: string;
}

/** An object beside the class without which the class's promise would not hold. */
export interface Companion {
  /** Stable suffix of the resource name, e.g. `node-down-policy`. */
  readonly key: string;
  readonly object: KubernetesObject;
  /** `own`: created and held by us. `patch`: only the declared fields are ours (server-side apply patch). */
  readonly hold: "own" | "patch";
  /** `true` for kinds whose loss loses data: protect and retainOnDelete. */
  readonly protect: boolean;
  /** Why the object is needed. */
  readonly why: string;
}

export type FailoverPlan =
  | {
      readonly mode: "automatic";
      readonly mechanism: string;
      /** Whether copies lost with a node are rebuilt without a person. */
      readonly rebuilds: string;
    }
  | { readonly mode: "manual"; readonly why: string; readonly steps: readonly string[] };

export type Loss =
  | { readonly kind: "node"; readonly node: string; readonly site: string }
  | { readonly kind: "site"; readonly site: string }
  | { readonly kind: "link"; readonly between: readonly [string, string] }
  | { readonly kind: "witness"; readonly site: string }
  /** An ESXi host, and all node VMs that run on it. */
  | ({ readonly kind: "host"; readonly host: string } & VmsLost)
  /** A datastore, and all node VMs that have a disk on it. */
  | ({ readonly kind: "datastore"; readonly datastore: string } & VmsLost)
  /** Two nodes at once, one of each site or two of one: the nodes of a site are alike, so any two stand for all. */
  | { readonly kind: "nodes"; readonly sites: readonly [string, string] }
  /** Any node of a site, and a witness. */
  | { readonly kind: "nodeAndWitness"; readonly site: string; readonly witness: string }
  /** Two sites at once. */
  | { readonly kind: "sites"; readonly sites: readonly [string, string] };

/** Node VMs that fall together. */
export interface VmsLost {
  readonly vms: readonly VmLost[];
  /** Control-plane nodes of the whole installation; 0 where neither sites nor VMs state them. */
  readonly controlPlaneNodes: number;
  /** Whether it takes every node VM that is stated. */
  readonly all: boolean;
}

export type VmLost = Pick<NodeVirtualMachine, "name" | "site" | "role">;

export interface Verdict {
  readonly loss: Loss;
  /** A sentence that names the loss, e.g. `node a-1 (site a) is lost`. */
  readonly title: string;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Whether service returns without a person. */
  readonly unattended: boolean;
  readonly splitBrain: boolean;
  readonly acknowledgedWritesLost: boolean;
  /** The rule that decides, in words, e.g. `2 of 3 votes stay: site b and the tie-breaker in c`. */
  readonly rule: string;
  /**
   * Whether restore points can be gone back to after the loss. Volume snapshots are where the copies are, and VM
   * snapshots on their datastore, so neither is a backup.
   */
  readonly restorePointsReadable: "yes" | "no" | "unknown";
  /** Why, in words, e.g. `volume snapshots stay with the copies that stay`. */
  readonly restorePointsRule: string;
  /** True where readable, writable, no split brain and no acknowledged write lost; says nothing of a person's help. */
  readonly survived: boolean;
}

export interface SurvivalTable {
  readonly promised: Site["survive"];
  readonly verdicts: readonly Verdict[];
  /** One line for people: what is survived, and what is not promised. */
  readonly summary: string;
}

export interface RaisePlan {
  readonly existingVolumes: "unchanged" | "backfilled";
  /** Command of the backend with which existing volumes follow, undefined when there is none. */
  readonly command: string | undefined;
}

export interface RestorePointPlan {
  readonly name: string;
  readonly release: string;
  readonly state: PointState;
  readonly takenAt: string | undefined;
  /** Members to register: none unless `state` is `taking` or the point was taken. */
  readonly virtualMachines: readonly VirtualMachineMember[];
  /** Node names the point means to take; equals the members once taken. */
  readonly intended: readonly string[];
  /** Whether it also holds volumes: these are no resources, and only `restore-point create` takes such a point. */
  readonly volumes: boolean;
}

/** One VM snapshot of a point, with the very inputs of the provider's resource. */
export interface VirtualMachineMember {
  readonly node: string;
  /** Name of the Pulumi resource: `<point>-vm-<node>`; never moves. */
  readonly resourceName: string;
  readonly uuid: string;
  /** `atom.<stack>.<point>`, shortened to what vSphere accepts with a hash. */
  readonly snapshotName: string;
  /** Owner mark, deterministic: no clock, no secret. */
  readonly description: string;
  readonly memory: boolean;
  readonly quiesce: boolean;
  /** The recorded member when the point was taken. */
  readonly taken: TakenVmSnapshot | undefined;
  /** Resource name of the snapshot of the same VM that was taken before this one, for dependsOn. */
  readonly after: string | undefined;
}

export type Options = Readonly<Record<string, OptionValue>>;
