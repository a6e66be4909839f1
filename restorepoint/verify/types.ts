import type { Access } from "../../clients/access";
import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Progress, Reporter } from "../../clients/reporter";
import type { VcenterClient } from "../../clients/vcenter/client";
import type { EtcdMember, VolumeMember } from "../../planning/pointRecord";
import type { Journal } from "../catalog/journal";
import type { ReleaseStore } from "../release/store";
import type { ScratchPlan } from "./scratchPlan";

/** A member that can be restored and read. */
export type ReadMember = VolumeMember | EtcdMember;

/** What a point is verified with. */
export interface VerifyPorts {
  readonly client: ClusterClient;
  readonly vcenter: Access<Pick<VcenterClient, "vms">>;
  readonly journal: Journal;
  readonly reporter: Reporter;
  /** The stored objects of releases. */
  readonly release: Pick<ReleaseStore, "problems">;
  readonly now: () => Date;
  /** Asks to stop: what was made is removed then, too, and nothing is said of the member. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each change; tests end the process from it. */
  readonly onStep?: ((what: string) => void) | undefined;
  /** Between two looks at a member, in milliseconds; default 250. */
  readonly pollMs?: number | undefined;
  /** Takes a volume that was restored and read, before what is left of the scratch objects is removed. */
  readonly keep?: (member: VolumeMember, plan: ScratchPlan) => Promise<void>;
}

/** What one member is looked at with. */
export interface LookPorts extends VerifyPorts {
  readonly progress: Progress;
}

/** Seconds since a moment, to a tenth. */
export function secondsSince(began: Date, { now }: Pick<VerifyPorts, "now">): number {
  return Math.round((now().getTime() - began.getTime()) / 100) / 10;
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
