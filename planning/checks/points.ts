import type { RestorePointFile, Site } from "../site";

/** Whether a point may still be cut: what its file asks for has to be possible. A cut one is a record. */
export function isOpen(point: RestorePointFile): boolean {
  return point.takenAt === undefined && (point.state === "planned" || point.state === "taking");
}

/** The point's file, relative to the project. */
export function pointFile(site: Site, point: RestorePointFile): string {
  return `${site.restorePointsDir}/${site.stack}/${point.name}.yaml`;
}
