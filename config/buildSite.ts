import { defaultSurvive } from "../planning";
import type { RestorePointFile, Site } from "../planning/site";
import { complete } from "./complete";
import type { JsonMap, JsonValue } from "./rawConfiguration";
import { restorePointSchema, siteSchema } from "./schema";

/** Values whose form is the schema's, with its defaults: what {@link complete} returns. */
type Completed<T> = { readonly [K in keyof T]?: T[K] };

/**
 * The site that values describe, with defaults. Values of a wrong form are replaced by harmless ones: whoever calls
 * this reports the form first.
 */
export function buildSite(
  stack: string,
  values: JsonMap,
  restorePoints: readonly RestorePointFile[],
): Site {
  const site = complete(siteSchema, values) as unknown as Completed<Site> & Defaulted;
  const classes = site.classes.map((spec) => ({ ...spec, fsType: spec.fsType ?? undefined }));
  const topology = {
    ...site.topology,
    sites: site.topology.sites.map((one) => ({ ...one, locatedIn: one.locatedIn ?? undefined })),
  };
  return {
    stack,
    replicationFactor: site.replicationFactor,
    survive: site.survive ?? defaultSurvive(topology),
    failover: site.failover,
    backend: site.backend,
    backendVersion: site.backendVersion,
    backendOptions: site.backendOptions,
    product: { namespaces: site.product.namespaces, selector: site.product.selector },
    topology,
    classes,
    snapshots: site.snapshots,
    restorePoints,
    restorePointsDir: site.restorePointsDir,
    ledgerDir: site.ledgerDir,
    virtualMachines:
      site.virtualMachines === undefined
        ? undefined
        : {
            ...site.virtualMachines,
            nodes: site.virtualMachines.nodes.map((node) => ({
              ...node,
              uuid: node.uuid.toLowerCase(),
            })),
          },
    cluster: {
      context: site.cluster.context,
      clusterUid: site.cluster.clusterUid?.toLowerCase(),
      namespace: site.cluster.namespace,
    },
    waivers: site.waivers,
  };
}

/** Keys that are required or have a default, so that they are always there. */
type Defaulted = Omit<Site, "survive" | "backendVersion" | "virtualMachines" | "restorePoints">;

/** The restore point that a document describes, with defaults. */
export function buildPoint(document: JsonValue | undefined): RestorePointFile {
  const point = complete(restorePointSchema, document) as unknown as RestorePointFile;
  return {
    name: point.name,
    release: point.release,
    volumes: point.volumes.map((volume) => ({ ...volume, uid: volume.uid.toLowerCase() })),
    virtualMachines: point.virtualMachines,
    consistency: point.consistency,
    memory: point.memory,
    quiesce: point.quiesce,
    expires: point.expires,
    hold: point.hold,
    state: point.state,
    cutAt: point.cutAt,
    members: point.members.map((member) => ({
      kind: "virtualMachine",
      node: member.node,
      uuid: member.uuid.toLowerCase(),
      handle: member.handle,
      lost: member.lost,
      expiredAt: member.expiredAt,
    })),
    digest: point.digest,
  };
}

/** Makes a value and all inside it unchangeable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
