import type { Static } from "@sinclair/typebox";

import { defaultSurvive } from "../planning";
import { pointFileSchema } from "../planning/schema/pointFile";
import type { Frozen } from "../planning/schema/node";
import { siteSchema } from "../planning/schema/site";
import type { PointFile, Site } from "../planning/site";
import type { JsonMap, JsonValue } from "./rawConfiguration";
import { completed } from "./shape";

/**
 * The site that values describe, with defaults. Values of a wrong form are replaced by harmless ones: whoever calls
 * this reports the form first.
 */
export function buildSite(
  stack: string,
  values: JsonMap,
  restorePoints: readonly PointFile[],
): Site {
  const { vcenterPassword, ...site } = completed(siteSchema, values) as unknown as Frozen<
    Static<typeof siteSchema>
  >;
  const { virtualMachines, cluster } = site;
  return {
    ...site,
    stack,
    survive: site.survive ?? defaultSurvive(site.topology),
    restorePoints,
    ...(virtualMachines === undefined
      ? {}
      : { virtualMachines: { ...virtualMachines, nodes: virtualMachines.nodes.map(lowerCase) } }),
    ...(cluster.clusterUid === undefined
      ? {}
      : { cluster: { ...cluster, clusterUid: cluster.clusterUid.toLowerCase() } }),
  };
}

/** The restore point that a document describes, with defaults. */
export function buildPoint(document: JsonValue | undefined): PointFile {
  const point = completed(pointFileSchema, document) as unknown as PointFile;
  return { ...point, vms: point.vms.map(lowerCase) };
}

/** UUIDs are compared, and some systems print them in capitals. */
function lowerCase<T extends { readonly uuid: string }>(one: T): T {
  return { ...one, uuid: one.uuid.toLowerCase() };
}

/** Makes a value and all inside it unchangeable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
