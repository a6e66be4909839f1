import type { Static } from "@sinclair/typebox";

import type { Frozen } from "./schema/node";
import type { pointRecordSchema } from "./schema/pointRecord";

export type PointRecord = Frozen<Static<typeof pointRecordSchema>>;
export type RecordState = PointRecord["state"];
/** The cycle that took a point. */
export type PointCycle = NonNullable<PointRecord["cycle"]>;
export type GroupVersion = NonNullable<PointRecord["groupVersion"]>;
export type PointVolume = PointRecord["volumes"][number];
/** A member that was taken, by its lasting reference. */
export type PointMember = PointRecord["members"][number];
export type VmMember = Extract<PointMember, { kind: "virtualMachine" }>;
export type VolumeMember = Extract<PointMember, { kind: "volume" }>;
export type EtcdMember = Extract<PointMember, { kind: "etcd" }>;
/** What commands may write to a member after it was taken. */
export type MemberMarks = Pick<PointMember, "lost" | "expiredAt">;
export type ClaimLineage = PointRecord["lineage"][number];
export type UncoveredClaim = PointRecord["uncovered"][number];
export type StoppedWorkload = PointRecord["workloads"][number];
export type MemberVerification = PointRecord["verifications"][number];
export type ReleaseRecord = NonNullable<PointRecord["objects"]>;
export type VmRecord = NonNullable<PointRecord["vms"]>[number];
export type NodeImage = NonNullable<PointRecord["images"]>[number];
export type DiskRecord = VmRecord["disks"][number];
export type NicRecord = VmRecord["nics"][number];
export type RollbackRecord = NonNullable<PointRecord["rollbacks"]>[number];
export type RolledClaim = RollbackRecord["claims"][number];
export type PausedObject = RollbackRecord["paused"][number];
export type PointJournal = PointRecord["journal"];
export type JournalEntry = PointJournal["entries"][number];
export type JournalEvent = JournalEntry["event"];
export type StepDetail = JournalEntry["detail"];
export type RunSummary = PointJournal["summaries"][number];

export type RecordSeed = Pick<
  PointRecord,
  | "name"
  | "stack"
  | "release"
  | "state"
  | "consistency"
  | "cycle"
  | "expires"
  | "volumes"
  | "groupVersion"
>;

export function emptyRecord(seed: RecordSeed): PointRecord {
  const none = { members: [], lineage: [], uncovered: [], workloads: [], frozen: [] };
  return {
    version: 1,
    ...seed,
    hold: false,
    ...none,
    verifications: [],
    waivers: [],
    journal: { sequence: 0, summaries: [], entries: [] },
  };
}
