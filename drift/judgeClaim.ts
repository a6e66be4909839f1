import type { PointVolume } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";
import type { ClusterLive } from "./types";
import { findClaim } from "./volumeObjects";

/** Why the claim is not the one that the point was planned for; undefined when it is. */
export function claimRefusal(
  cluster: ClusterLive,
  { namespace, claim, uid }: PointVolume,
  point: RestorePointFile | undefined,
): string | undefined {
  const name = `Claim ${namespace}/${claim}`;
  const mend = `Correct the volumes of restore point ${point?.name ?? ""} and preview again.`;
  const live = findClaim(cluster, namespace, claim);
  if (live === undefined) {
    return `${name} is not there any more; the point was planned with it. ${mend}`;
  }
  if (live.uid !== uid.toLowerCase()) {
    return `${name} was made anew since the point was planned: its UID is ${live.uid}, planned was ${uid}. ${mend}`;
  }
  if (live.deletionTimestamp !== undefined) {
    return `${name} is being deleted since ${live.deletionTimestamp}, so that its volume cannot be snapshotted. ${mend}`;
  }
  return live.phase === "Bound"
    ? undefined
    : `${name} is ${live.phase === "" ? "not bound" : live.phase}: it has no volume that could be snapshotted. Let it be bound, or leave it out. ${mend}`;
}
