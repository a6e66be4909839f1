import { volumeSnapshotName } from "../../planning/names";
import type { PointVolume, VolumeMember } from "../../planning/pointRecord";
import { volumeMember as anyVolumeMember } from "../support/points";

const namespace = "atom";

/** A claim as a point lists it. */
export function volume(claim: string): PointVolume {
  return { namespace, claim, uid: `uid-of-${claim}` };
}

export function volumeMember(claim: string, change: Partial<VolumeMember> = {}): VolumeMember {
  return anyVolumeMember("pre-24.1", claim, {
    ...volume(claim),
    snapshot: volumeSnapshotName("pre-24.1", claim),
    content: `content-of-${claim}`,
    handle: `snap-of-${claim}`,
    createdAt: "2026-11-20T10:00:00.250Z",
    ...change,
  });
}
