/**
 * One site installation as the operator described it: the frozen result of `config/parseSite`, and the only input
 * of planning. Plain values, no secret in it.
 */
export interface Site {
  /** Name of the Pulumi stack, which is the name of the site installation. */
  readonly stack: string;
  /** Copies of each data volume, witnesses not counted; integer >= 1, default 2. */
  readonly replicationFactor: number;
  /** The loss the installation has to survive; default `site` with three sites or more, else `node`. */
  readonly survive: Survive;
  /** Whether fail-over may need a person; default `automatic`. */
  readonly failover: Failover;
  readonly backend: BackendId;
  /** Version of the backend as installed, e.g. `1.33.1`; undefined means the newest known. */
  readonly backendVersion: string | undefined;
  /** Options of the backend, checked against its allow-list. */
  readonly backendOptions: Readonly<Record<string, OptionValue>>;
  readonly product: Product;
  readonly topology: SiteTopology;
  /** At least one class; at most one is the cluster's default. */
  readonly classes: readonly StorageClassSpec[];
  readonly snapshots: SnapshotSpec;
  /** Restore points listed in the stack file, each with its committed file, in the order of the list. */
  readonly restorePoints: readonly RestorePointFile[];
  /** Folder of the point files, relative to the project; default `stacks/restore-points`. */
  readonly restorePointsDir: string;
  /** Folder of the ledger's copy off the cluster; default `.pulumi-state/ledger`. */
  readonly ledgerDir: string;
  /** The node VMs and their vCenter; undefined where the nodes are no VMware VMs. */
  readonly virtualMachines: VirtualMachines | undefined;
  /** How long restore points are kept beyond `expires`; empty means that only `expires` counts. */
  readonly retention: RetentionPolicy;
  readonly nodeBackups: NodeBackups;
  readonly cluster: ClusterSpec;
  readonly waivers: readonly Waiver[];
}

export type Survive = "node" | "site";
export type Failover = "automatic" | "manual";
export type OptionValue = string | number | boolean | readonly string[];

/** Backends of the design; `backendIds` in planning/backends says which of them this version carries. */
export type BackendId =
  | "linstor"
  | "longhorn"
  | "mayastor"
  | "portworx"
  | "rook-ceph"
  | "vsphere-csi"
  | "lab"
  | "generic";

/** Which volumes are ATOM's. "Every data volume" derives from it. */
export interface Product {
  readonly namespaces: readonly string[];
  /** Label selector that narrows the claims; undefined means all claims of the namespaces. */
  readonly selector: string | undefined;
  /** Label selector of the workloads that `consistency: stopped` scales down; undefined means all of the namespaces. */
  readonly workloads: string | undefined;
  /** Helm releases of the product, `namespace/name`; undefined means all releases of the namespaces. */
  readonly helmReleases: readonly string[] | undefined;
  /** What freezes the product for `consistency: frozen`, run in this order and thawed in the opposite one. */
  readonly hooks: readonly FreezeHook[];
  /** How restored volumes are looked at; undefined means that no point can be proven. */
  readonly probe: Probe | undefined;
}

/**
 * Freezes a part of the product for the moment of a cut: one pod that freezes, waits to be ended or for its lease to
 * run out, and thaws. The thaw therefore happens by itself when the command that asked for it is killed.
 */
export interface FreezeHook {
  readonly name: string;
  readonly namespace: string;
  /** Image with a POSIX shell and what the commands need. */
  readonly image: string;
  /** Claims that are mounted, each at `/volumes/<claim>`. */
  readonly claims: readonly string[];
  /** Command and arguments. */
  readonly freeze: readonly string[];
  readonly thaw: readonly string[];
  /** Longest time frozen, in seconds; integer 5..600, default 60. */
  readonly leaseSeconds: number;
  readonly serviceAccount: string | undefined;
}

/** Looks at restored volumes, each mounted read-only at `/volumes/<namespace>/<claim>`. */
export interface Probe {
  /** Image with a POSIX shell, `find` and `sha256sum`. */
  readonly image: string;
  /** Exit code 0 proves the volume; undefined means that a manifest of checksums is compared. */
  readonly command: readonly string[] | undefined;
  /** Limit per volume, in seconds; default 600. */
  readonly timeoutSeconds: number;
}

export interface SiteTopology {
  /** Node label that names the failure-domain site; default `topology.kubernetes.io/zone`. */
  readonly siteLabel: string;
  readonly sites: readonly FailureDomainSite[];
}

export interface FailureDomainSite {
  /** Value of the site label on the nodes. */
  readonly name: string;
  /** A witness that stands in another site's building falls with it and is no third site. */
  readonly locatedIn: string | undefined;
  /** Kubernetes node names that may hold replicas (for a witness: that run the tie-breaker). */
  readonly storageNodes: readonly string[];
  /** Control-plane (etcd) nodes in this site; integer >= 0, default 0. */
  readonly controlPlaneNodes: number;
  readonly role: "data" | "witness";
}

export interface StorageClassSpec {
  readonly name: string;
  /** Whether this is the cluster's default class. */
  readonly default: boolean;
  readonly reclaimPolicy: "Retain" | "Delete";
  readonly fsType: string | undefined;
  readonly encryption: boolean;
  readonly expansion: boolean;
  readonly mountOptions: readonly string[];
  /** Further parameters of the backend for this class, checked against its allow-list. */
  readonly options: Readonly<Record<string, OptionValue>>;
}

export interface SnapshotSpec {
  /** Name of the VolumeSnapshotClass; default `atom-snapshots`. */
  readonly className: string;
  readonly deletionPolicy: "Retain" | "Delete";
  /** `auto`: a VolumeGroupSnapshotClass where the driver has group snapshots. */
  readonly group: "auto" | "never";
  /** Whether the program installs CRDs and the snapshot controller; default false. */
  readonly installController: boolean;
  /** Image of the snapshot controller in the site's registry; undefined where it is not installed. */
  readonly controllerImage: string | undefined;
  /** Namespace that the controller is put in; it has to be there. Default `kube-system`. */
  readonly controllerNamespace: string;
  /** Largest spread of creation times of one point, in seconds; default 5. */
  readonly maxSpreadSeconds: number;
}

export interface VirtualMachines {
  /** Host name or `host:port` of the vCenter. */
  readonly server: string;
  readonly user: string;
  /** Accept a certificate that no authority known here has signed; default false. */
  readonly allowUnverifiedSsl: boolean;
  readonly nodes: readonly NodeVirtualMachine[];
  /** Deepest snapshot chain per VM, integer 1..31; default 3 (vendor's advice is 2 to 3, the hard limit 32). */
  readonly maxDepth: number;
  /** Age at which a VM snapshot ends, in hours; default 72. */
  readonly maxAgeHours: number;
  /** Limit of one vCenter task, in minutes; default 60 (the provider's own is 5). */
  readonly apiTimeoutMinutes: number;
}

export interface NodeVirtualMachine {
  /** Kubernetes node name. */
  readonly name: string;
  /** BIOS UUID of the VM, lower case with dashes. */
  readonly uuid: string;
  readonly role: "controlPlane" | "storage" | "worker";
  /** Name of the failure-domain site. */
  readonly site: string;
  /** Name of the ESXi host that the VM runs on; undefined where it is not stated. */
  readonly host: string | undefined;
  /** Names of the datastores that hold its disks; undefined where they are not stated, else one or more. */
  readonly datastores: readonly string[] | undefined;
}

/** Restore points to keep; every count is an integer >= 1, and a point that any of them keeps is kept. */
export interface RetentionPolicy {
  /** The newest so many. */
  readonly keepLast?: number;
  /** All that are no older than so many days. */
  readonly maxAgeDays?: number;
  /** The newest of each of the last so many days, weeks (ISO 8601) and months, in UTC. */
  readonly daily?: number;
  readonly weekly?: number;
  readonly monthly?: number;
}

/** Whole-cluster backups beside restore points. */
export interface NodeBackups {
  readonly etcd: EtcdBackup | undefined;
}

/** How a snapshot of etcd is taken: by a job on a control-plane node, off which it has to be copied. */
export interface EtcdBackup {
  /** Client addresses of etcd as seen from that node. */
  readonly endpoints: readonly string[];
  /** Kubernetes node name of the control-plane node that the job runs on. */
  readonly node: string;
  /** Paths on that node; all three, or none for an etcd without TLS. */
  readonly caFile: string | undefined;
  readonly certFile: string | undefined;
  readonly keyFile: string | undefined;
  /** Image with etcdctl, etcdutl, a POSIX shell and sha256sum. */
  readonly image: string;
  /** Folder on the node. */
  readonly folder: string;
  /** Limit of the job, in seconds; default 300. */
  readonly timeoutSeconds: number;
}

export interface ClusterSpec {
  /** Context of the kubeconfig; undefined means its current context. */
  readonly context: string | undefined;
  /** UID of the namespace kube-system, pinned at first install. */
  readonly clusterUid: string | undefined;
  /** Namespace of the product's own objects; default `atom-backup`. */
  readonly namespace: string;
}

/** The only way past a failing rule; shown everywhere. */
export interface Waiver {
  readonly rule: string;
  readonly subject: string;
  readonly who: string;
  readonly why: string;
  /** RFC 3339 date-time; judged by commands that have a clock. */
  readonly until: string;
}

export type PointState =
  "planned" | "taking" | "ready" | "failed" | "lost" | "expiring" | "expired";

/** A restore point: one committed file `<restorePointsDir>/<stack>/<name>.yaml`. */
export interface RestorePointFile {
  readonly name: string;
  /** ATOM release the point was cut for, e.g. `24.1`. */
  readonly release: string;
  readonly volumes: readonly PointVolume[];
  /**
   * `all`: every storage and worker VM of the node list (control-plane VMs are only taken when named), `none`, or
   * node names.
   */
  readonly virtualMachines: "all" | "none" | readonly string[];
  readonly consistency: "stopped" | "frozen" | "crash";
  /** Whether VM snapshots include memory; default false. Never together with `quiesce`. */
  readonly memory: boolean;
  /** Whether VMware Tools quiesce the guest file systems; default false. */
  readonly quiesce: boolean;
  /** RFC 3339 date-time. */
  readonly expires: string;
  readonly hold: boolean;
  readonly state: PointState;
  /** RFC 3339 date-time of the cut; set once all members are there. */
  readonly takenAt: string | undefined;
  readonly members: readonly PointMember[];
  /** SHA-256 over the fields that a cut fixes. */
  readonly digest: string | undefined;
  /**
   * Version of the group snapshot API by which the volumes of each namespace are cut at one moment; undefined means one
   * snapshot per volume, all at once.
   */
  readonly groupVersion: GroupVersion | undefined;
}

export type GroupVersion = "v1" | "v1beta2" | "v1beta1";

export interface PointVolume {
  readonly namespace: string;
  readonly claim: string;
  readonly uid: string;
}

/** A member that was cut, by its lasting reference. */
export type PointMember = VmMember | VolumeMember | EtcdMember;

/** What commands may write to a member after the cut. */
export interface MemberMarks {
  /** RFC 3339: found missing at that time; no longer registered. */
  readonly lost: string | undefined;
  /** RFC 3339: removed on purpose at that time; no longer registered. */
  readonly expiredAt: string | undefined;
}

/** The snapshot of a node VM. */
export interface VmMember extends MemberMarks {
  readonly kind: "virtualMachine";
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID of the VM. */
  readonly uuid: string;
  /** Snapshot's managed object reference, e.g. `snapshot-123`. */
  readonly handle: string;
}

/** The snapshot of a data volume. */
export interface VolumeMember extends MemberMarks {
  readonly kind: "volume";
  readonly namespace: string;
  /** Name of the PersistentVolumeClaim. */
  readonly claim: string;
  /** UID of the claim. */
  readonly uid: string;
  /** Name of the VolumeSnapshot, in the claim's namespace. */
  readonly snapshot: string;
  /** Name of the VolumeSnapshotContent. */
  readonly content: string;
  /** The driver's own id of the snapshot. */
  readonly handle: string;
  /** RFC 3339, from the driver: the moment that the bytes are of. */
  readonly createdAt: string;
  /** Least size of a volume restored from it, in bytes. */
  readonly bytes: number;
  /** Name of the VolumeGroupSnapshot that cut it, in the same namespace. */
  readonly group: string | undefined;
}

/** A snapshot of the cluster's etcd, a file on a node. Never registered: no system of the engine's knows it. */
export interface EtcdMember extends MemberMarks {
  readonly kind: "etcd";
  /** Kubernetes node name of the node that holds the file. */
  readonly node: string;
  /** Absolute path on that node. */
  readonly file: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** RFC 3339. */
  readonly createdAt: string;
}
