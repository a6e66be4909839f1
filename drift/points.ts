import type { PointFile, TakenVmSnapshot } from "../planning/site";

/** What stands between the name of the point and that of the node in the name of a VM snapshot's resource. */
const INFIX = "-vm-";

/** The restore point that a VM snapshot's resource belongs to, by its name, which never moves. */
export function pointOf(urn: string, points: readonly PointFile[]): PointFile | undefined {
  const name = resourceName(urn);
  return points
    .filter((point) => name.startsWith(`${point.name}${INFIX}`))
    .reduce<PointFile | undefined>(
      (best, point) => (best === undefined || point.name.length > best.name.length ? point : best),
      undefined,
    );
}

/** Name of the point as the resource's name says it, for a point whose file is not there. */
export function pointNameIn(urn: string): string {
  return resourceName(urn).split(INFIX)[0] ?? "";
}

/** Node of the VM whose snapshot a resource is. */
export function nodeIn(urn: string, point: string): string {
  return resourceName(urn).slice(point.length + INFIX.length);
}

/** Members of a point by BIOS UUID; made once for a point, of which a thousand members are asked for. */
const indexes = new WeakMap<PointFile, ReadonlyMap<string, TakenVmSnapshot>>();

export function memberOf(point: PointFile | undefined, uuid: string): TakenVmSnapshot | undefined {
  if (point === undefined) {
    return undefined;
  }
  const index =
    indexes.get(point) ?? new Map(point.vms.map((member) => [member.uuid.toLowerCase(), member]));
  indexes.set(point, index);
  return index.get(uuid);
}

function resourceName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
