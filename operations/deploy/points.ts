import { machineMembers } from "../../planning/pointMembers";
import type { MachineMember, RestorePointFile } from "../../planning/site";

/** Between the names of the point and the node in a member's resource name. */
const MEMBER_INFIX = "-vm-";

/** The restore point that a VM snapshot's resource belongs to, by its name, which never moves. */
export function pointOf(
  urn: string,
  points: readonly RestorePointFile[],
): RestorePointFile | undefined {
  const name = resourceName(urn);
  return points
    .filter((point) => name.startsWith(`${point.name}${MEMBER_INFIX}`))
    .reduce<RestorePointFile | undefined>(
      (best, point) => (best === undefined || point.name.length > best.name.length ? point : best),
      undefined,
    );
}

/** Name of the point as the resource's name says it, for a point whose file is not there. */
export function pointNameIn(urn: string): string {
  return resourceName(urn).split(MEMBER_INFIX)[0] ?? "";
}

/** Kubernetes node of the member. */
export function nodeIn(urn: string, point: string): string {
  return resourceName(urn).slice(point.length + MEMBER_INFIX.length);
}

/** Members of a point by BIOS UUID; made once for a point, which a plan over a thousand members asks as often. */
const indexes = new WeakMap<RestorePointFile, ReadonlyMap<string, MachineMember>>();

export function memberOf(
  point: RestorePointFile | undefined,
  uuid: string,
): MachineMember | undefined {
  if (point === undefined) {
    return undefined;
  }
  const index =
    indexes.get(point) ??
    new Map(machineMembers(point).map((member) => [member.uuid.toLowerCase(), member]));
  indexes.set(point, index);
  return index.get(uuid);
}

function resourceName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
