import type { ClaimLineage, VolumeMember } from "../../planning/pointRecord";
import type { PointFile, TakenVmSnapshot } from "../../planning/site";

/** A planned restore point of all VMs, as its file says it. */
export function pointFile(changes: Partial<PointFile> = {}): PointFile {
  return {
    name: "pre-24.1",
    release: "24.1",
    virtualMachines: "all",
    consistency: "crash",
    memory: false,
    quiesce: false,
    expires: "2026-12-01T00:00:00Z",
    volumes: false,
    state: "planned",
    vms: [],
    ...changes,
  };
}

/** A VM snapshot that was taken and is there. */
export function vmMember(
  node: string,
  handle: string,
  uuid: string,
  changes: Partial<TakenVmSnapshot> = {},
): TakenVmSnapshot {
  return { node, uuid, handle, takenAt: "2026-11-20T10:00:00Z", ...changes };
}

/** A volume snapshot that was taken and is there. */
export function volumeMember(
  point: string,
  claim: string,
  changes: Partial<VolumeMember> = {},
): VolumeMember {
  return {
    kind: "volume",
    namespace: "atom",
    claim,
    uid: "11111111-2222-4333-8444-555555555555",
    snapshot: `${point}.${claim}`,
    content: `content-${point}-${claim}`,
    handle: `handle-${point}-${claim}`,
    createdAt: "2026-11-20T10:00:00.5Z",
    bytes: 1024,
    group: undefined,
    ...changes,
  };
}

/** Where the bytes of a claim of the lab lie. */
export function lineage(claim: string, changes: Partial<ClaimLineage> = {}): ClaimLineage {
  return {
    namespace: "atom",
    claim,
    uid: "11111111-2222-4333-8444-555555555555",
    at: "2026-11-20T10:00:00Z",
    volume: `pv-${claim}`,
    volumeHandle: `handle-${claim}`,
    driver: "lab.csi.atom.example",
    className: "atom-replicated",
    parameters: { replicas: "2" },
    capacity: "1Gi",
    accessModes: ["ReadWriteOnce"],
    volumeMode: "Filesystem",
    fsType: "ext4",
    ...changes,
  };
}
