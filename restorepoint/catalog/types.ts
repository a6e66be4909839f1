import type { PointMember, RestorePointFile, Waiver } from "../../planning/site";

/** The ledger of one point as it is stored, in the cluster and off it. No secret is ever in it. */
export interface LedgerDocument {
  readonly version: 1;
  readonly stack: string;
  readonly point: string;
  /** Number of the last entry; the greater of two decides which is newer. */
  readonly sequence: number;
  readonly catalogue: Catalogue;
  /** Runs whose entries were summarised, oldest first. */
  readonly summaries: readonly RunSummary[];
  /** Oldest first; those of the last run are always whole. */
  readonly entries: readonly LedgerEntry[];
}

/**
 * - `opened`, `closed`: a command began, and came to its end, whatever the outcome
 * - `begun`, `ended`: of a step; what is begun and not ended, a later run has to look at
 * - `noted`: something worth knowing, or a change of the catalogue, that is no step
 */
export type LedgerEvent = "opened" | "begun" | "ended" | "noted" | "closed";

export interface LedgerEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** RFC 3339, by the clock of the machine that ran the command. */
  readonly at: string;
  /** The operator: user and machine. */
  readonly who: string;
  /** E.g. `restore-point create`. */
  readonly command: string;
  /** Sequence of the entry that opened the command. */
  readonly run: number;
  readonly event: LedgerEvent;
  /** Name of the step, the same in every run; the empty string for the command itself. */
  readonly step: string;
  readonly detail: StepDetail;
  /** Hash over this entry and all before it: two machines that went different ways are told apart by it. */
  readonly chain: string;
}

/** What an entry may say. A closed list of fields, so that nothing secret gets in by accident. */
export interface StepDetail {
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly uid?: string;
  /** Name of a PersistentVolumeClaim. */
  readonly claim?: string;
  /** Name of a PersistentVolume. */
  readonly volume?: string;
  readonly snapshot?: string;
  readonly content?: string;
  /** Reference in the storage or in vCenter. */
  readonly handle?: string;
  /** Kubernetes node name. */
  readonly node?: string;
  /** Path of a file. */
  readonly file?: string;
  readonly digest?: string;
  /** Replicas of a workload: asked for, and before. */
  readonly replicas?: number;
  readonly formerReplicas?: number;
  readonly count?: number;
  readonly bytes?: number;
  readonly seconds?: number;
  /** RFC 3339: when something ends by itself, e.g. a lease. */
  readonly until?: string;
  readonly outcome?: "done" | "failed" | "skipped" | "undone";
  /** One sentence, e.g. a driver's own message; cut to 500 characters when written. */
  readonly message?: string;
}

/** What is left of a run whose entries were summarised. */
export interface RunSummary {
  readonly command: string;
  readonly who: string;
  /** RFC 3339. */
  readonly from: string;
  readonly to: string;
  /** Sequence of its first and last entry. */
  readonly first: number;
  readonly last: number;
  /** Steps that ended. */
  readonly steps: number;
  /** Undefined: the run was killed, and a later one went on from there. */
  readonly outcome?: StepDetail["outcome"];
  /** Chain at its last entry. */
  readonly chain: string;
}

/** What is known of a point, as opposed to what was done with it. */
export interface Catalogue {
  readonly release: string;
  readonly consistency: RestorePointFile["consistency"];
  /** RFC 3339. */
  readonly takenAt?: string;
  readonly members: readonly PointMember[];
  /** Where each claim's bytes lay, oldest first; a rollback adds the volumes that took their place. */
  readonly lineage: readonly ClaimLineage[];
  /** Claims of the product that the point does not hold. */
  readonly uncovered: readonly UncoveredClaim[];
  /** Seconds between the first and the last creation time of the volumes' contents. */
  readonly spreadSeconds?: number;
  /** What was scaled down for the cut, with the replicas to go back to. */
  readonly workloads: readonly StoppedWorkload[];
  readonly frozen: readonly FrozenHook[];
  /** Newest last; one member may be verified many times. */
  readonly verifications: readonly MemberVerification[];
  /** Waivers that commands on this point made use of. */
  readonly waivers: readonly Waiver[];
  /** The release's objects of this point; undefined until they are stored. */
  readonly objects?: ReleaseRecord;
  /** What the point's VMs were made of before the cut; undefined where it holds none, or was cut by an older program. */
  readonly vms?: readonly VmRecord[];
}

/** A node's virtual machine as it was. */
export interface VmRecord {
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID, lower case. */
  readonly uuid: string;
  /** Managed object reference. */
  readonly reference: string;
  readonly name: string;
  /** RFC 3339: when it was read. */
  readonly at: string;
  readonly powerState: string;
  /** Name of the ESXi host; undefined where it could not be seen. */
  readonly host?: string;
  /** Undefined where its devices could not be read; disks and cards are empty then. */
  readonly memoryMb?: number;
  readonly disks: readonly DiskRecord[];
  readonly nics: readonly NicRecord[];
}

export interface DiskRecord {
  /** vSphere's number of the device. */
  readonly key: number;
  readonly label: string;
  readonly bytes: number;
  readonly datastore: string;
  /** Path on the datastore, of the base and not of a delta. */
  readonly file: string;
  readonly mode: string;
  readonly raw?: "physicalMode" | "virtualMode";
  /** What tells that it is a volume of Kubernetes. */
  readonly volume?: string;
}

export interface NicRecord {
  readonly label: string;
  readonly mac: string;
  readonly network: string;
}

export interface ClaimLineage {
  readonly namespace: string;
  readonly claim: string;
  readonly uid: string;
  /** RFC 3339: when this was so. */
  readonly at: string;
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** Driver's own id of the volume. */
  readonly volumeHandle: string;
  readonly driver: string;
  /** StorageClass, and its parameters as they were then: the class may be replaced later. */
  readonly className: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** As Kubernetes writes it, e.g. `8Gi`. */
  readonly capacity: string;
  readonly accessModes: readonly string[];
  readonly volumeMode: string;
  readonly fsType?: string;
}

export interface UncoveredClaim {
  readonly namespace: string;
  readonly claim: string;
  readonly reason: string;
}

export interface StoppedWorkload {
  readonly kind: "StatefulSet" | "Deployment" | "CronJob";
  readonly namespace: string;
  readonly name: string;
  /** For a CronJob 1: it may start jobs. */
  readonly replicas: number;
}

export interface FrozenHook {
  readonly hook: string;
  readonly namespace: string;
  /** RFC 3339; by then it thaws by itself. */
  readonly leaseEnds: string;
  readonly frozenAt: string;
  readonly thawedAt?: string;
}

export interface MemberVerification {
  /** As `memberKey` names it. */
  readonly member: string;
  /** `readable`: it was restored and read; `proven`: and is what it was; `failed`: it is not, or could not be read. */
  readonly result: "readable" | "proven" | "failed";
  /** RFC 3339. */
  readonly at: string;
  /** From the first object made for it to the verdict. */
  readonly seconds: number;
  /** Until its pod ran, and from then on. */
  readonly restoreSeconds?: number;
  readonly readSeconds?: number;
  /** Form of the manifest of checksums and the SHA-256 over it, e.g. `1:…`; only equal forms can be compared. */
  readonly manifestDigest?: string;
  /** Files in it, and their bytes. */
  readonly files?: number;
  readonly bytes?: number;
  /** Why it failed. */
  readonly message?: string;
}

export interface ReleaseRecord {
  /** SHA-256 over all objects. */
  readonly digest: string;
  /** ConfigMaps that they are split over. */
  readonly parts: number;
  /** Copies of Secrets inside the cluster. */
  readonly secrets: number;
}

/** What a point's catalogue begins as. */
export type CatalogueSeed = Pick<Catalogue, "release" | "consistency">;

export function emptyCatalogue({ release, consistency }: CatalogueSeed): Catalogue {
  const none = { members: [], lineage: [], uncovered: [], workloads: [], frozen: [] };
  return { release, consistency, ...none, verifications: [], waivers: [] };
}

/** One sentence that says what to do; nothing was changed unless it says so. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
}

/** Another run wrote to the ledger meanwhile. */
export class LedgerConflict extends LedgerError {}
