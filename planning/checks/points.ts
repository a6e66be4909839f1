import type { PointFile, Site } from "../site";

/** Whether a point may still be taken: what its file asks for has to be possible. A taken one is a record. */
export function isOpen(point: PointFile): boolean {
  return point.state === "planned" || point.state === "taking";
}

/** The point's file, relative to the project. */
export function pointFile(site: Site, point: PointFile): string {
  return `${site.restorePointsDir}/${site.stack}/${point.name}.yaml`;
}
