import { defaultSurvive } from "../planning";
import type { EtcdBackup, PointMember, Product, RestorePointFile, Site } from "../planning/site";
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
    product: buildProduct(site.product),
    topology,
    classes,
    snapshots: { ...site.snapshots, controllerImage: site.snapshots.controllerImage ?? undefined },
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
              host: node.host ?? undefined,
              datastores: node.datastores ?? undefined,
            })),
          },
    retention: site.retention,
    nodeBackups: { etcd: buildEtcd(site.nodeBackups.etcd) },
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
    takenAt: point.takenAt,
    members: point.members.map(buildMember),
    digest: point.digest,
    groupVersion: point.groupVersion,
  };
}

function buildProduct(product: Product): Product {
  const { namespaces, selector, workloads, helmReleases, hooks, probe } = product;
  return {
    namespaces,
    selector,
    workloads,
    helmReleases,
    hooks: hooks.map((hook) => ({ ...hook, serviceAccount: hook.serviceAccount ?? undefined })),
    probe: probe === undefined ? undefined : { ...probe, command: probe.command ?? undefined },
  };
}

function buildEtcd(etcd: EtcdBackup | undefined): EtcdBackup | undefined {
  return etcd === undefined
    ? undefined
    : {
        ...etcd,
        caFile: etcd.caFile ?? undefined,
        certFile: etcd.certFile ?? undefined,
        keyFile: etcd.keyFile ?? undefined,
      };
}

/** A member with the keys of its kind; what a document lacks is reported by whoever checks its form. */
function buildMember(member: PointMember): PointMember {
  const marks = { lost: member.lost, expiredAt: member.expiredAt };
  switch (member.kind) {
    case "virtualMachine":
      return {
        kind: member.kind,
        node: member.node ?? "",
        uuid: (member.uuid ?? "").toLowerCase(),
        handle: member.handle ?? "",
        ...marks,
      };
    case "volume":
      return {
        kind: member.kind,
        namespace: member.namespace ?? "",
        claim: member.claim ?? "",
        uid: (member.uid ?? "").toLowerCase(),
        snapshot: member.snapshot ?? "",
        content: member.content ?? "",
        handle: member.handle ?? "",
        createdAt: member.createdAt ?? "",
        bytes: member.bytes ?? 0,
        group: member.group,
        ...marks,
      };
    case "etcd":
      return {
        kind: member.kind,
        node: member.node ?? "",
        file: member.file ?? "",
        sha256: member.sha256 ?? "",
        createdAt: member.createdAt ?? "",
        ...marks,
      };
  }
}

/** Makes a value and all inside it unchangeable. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
