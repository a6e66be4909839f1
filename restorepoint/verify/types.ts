import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Progress } from "../../clients/reporter";
import type { Scheduling } from "../jobs/jobObject";
import type { VolumeMember } from "../../planning/pointRecord";

/** What a member is looked at with. */
export interface LookPorts {
  readonly client: ClusterClient;
  readonly progress: Progress;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called before each change; tests end the process from it. */
  readonly onStep?: ((what: string) => void) | undefined;
  /** Abandons what is waited for: what was made is removed, and nothing is said of the member. */
  readonly signal?: AbortSignal | undefined;
  /** Between two looks, in milliseconds; default 250. */
  readonly pollMs?: number | undefined;
}

/**
 * - `proven`: restored, every file read, and it is what it was
 * - `readable`: restored and every file read; whether the bytes are the right ones, nobody said
 * - `restored`: restored and not looked at, since nothing is configured that could
 * - `there`: a snapshot that cannot be looked into exists under its reference
 * - `failed`: it cannot be restored or read, or is not what it was
 * - `unknown`: could not be told, for a reason that is not the member's
 * - `lost`, `expired`: the point's file says so; not looked for
 */
export type MemberVerdict =
  "proven" | "readable" | "restored" | "there" | "failed" | "unknown" | "lost" | "expired";

/** What was read of a volume. */
export interface Manifest {
  /** Form of the manifest and SHA-256 over it, e.g. `1:…`. */
  readonly digest: string;
  readonly files: number;
  readonly bytes: number;
}

/** What verifying one member came to. */
export interface MemberResult {
  /** As the catalog's `memberKey` names it. */
  readonly member: string;
  readonly verdict: MemberVerdict;
  /** Why it is not more, one sentence; undefined where there is nothing to say. */
  readonly why?: string;
  /** From the first object made for it to the verdict; undefined where nothing was made. */
  readonly seconds?: number;
  readonly restoreSeconds?: number;
  readonly readSeconds?: number;
  readonly manifest?: Manifest;
  /** Nothing in the cluster leads to it any more: it was restored by the handle that the catalog has. */
  readonly unbound?: true;
}

/** How a snapshot is restored into a scratch claim; plain values. */
export interface ScratchPlan {
  readonly member: VolumeMember;
  /** Namespace of all namespaced objects. */
  readonly namespace: string;
  /** Name of content, snapshot, claim and job alike. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly driver: string;
  /** StorageClass of the claim. */
  readonly className: string;
  /** Whether a volume of the class is made only when a pod needs it. */
  readonly waitsForPod: boolean;
  /** Undefined where the VolumeSnapshotClass is gone. */
  readonly snapshotClass: string | undefined;
  /** Annotations that name the driver's secrets, as the original content has them. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly accessModes: readonly string[];
  readonly fileSystem: boolean;
  /** Size of the claim. */
  readonly bytes: number;
  /** Where it has to be usable. */
  readonly scheduling: Scheduling;
}
