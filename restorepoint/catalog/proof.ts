import { memberKey } from "../../planning/pointMembers";
import type { PointMember, PointRecord } from "../../planning/pointRecord";

/**
 * When a point was last proven: the oldest of its volumes' newest proofs. Undefined while one of its volumes has none,
 * was found wrong since, or is lost, and for a point without volumes: VM snapshots end by themselves and prove nothing.
 */
export function provenAt({
  members,
  verifications,
}: Pick<PointRecord, "members" | "verifications">): string | undefined {
  const volumes = members.filter((member) => member.kind === "volume");
  const proofs = volumes.map((member) => {
    const last = verifications.findLast((one) => one.member === memberKey(member));
    const gone = member.lost !== undefined || member.expiredAt !== undefined;
    return last?.result === "proven" && !gone ? last.at : undefined;
  });
  const given = proofs.filter((at) => at !== undefined);
  return given.length < proofs.length ? undefined : inOrder(given)[0];
}

/** Creation time of the newest volume content, by which points are ordered; undefined for a point without volumes. */
export function contentAt(members: readonly PointMember[]): string | undefined {
  const times = members.flatMap((member) => (member.kind === "volume" ? [member.createdAt] : []));
  return inOrder(times).at(-1);
}

function inOrder(times: readonly string[]): readonly string[] {
  return [...times].sort((one, other) => Date.parse(one) - Date.parse(other));
}
