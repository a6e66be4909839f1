import type { StorageRequest } from "./backend";
import { groupBy, listAt, numberAt, recordAt, textAt } from "./answers";
import {
  unknown,
  type Observation,
  type ObservationPlan,
  type PlacementRule,
  type VolumeIdentity,
} from "./observation";
import { cephLayout, clusterNamespace, filesystemName, isBlock, poolName } from "./rookCephOptions";

/** Health checks of Ceph that speak of copies; others (a clock, a full log) leave them as they are. */
const ABOUT_COPIES =
  /^(PG_(AVAILABILITY|DEGRADED|DAMAGED|RECOVERY_FULL|BACKFILL_FULL)|OBJECT_UNFOUND|OSD_([A-Z]+_)?DOWN|POOL_NO_REDUNDANCY|TOO_FEW_OSDS|DEGRADED_STRETCH_MODE)$/;

/**
 * Ceph keeps copies by pool and places them by CRUSH: no volume of its own has a list of nodes. What is read is how many
 * copies the pool keeps, what keeps them apart, and whether Ceph misses any. Fields are those of rook/rook,
 * pkg/apis/ceph.rook.io/v1/types.go; the PV names its pool or file system in its attributes.
 */
export function cephObservation(request: StorageRequest): ObservationPlan {
  const options = request.site.backendOptions;
  const namespace = clusterNamespace(options);
  const block = isBlock(options);
  const kind = block ? "CephBlockPool" : "CephFilesystem";
  const listed = (object: string) =>
    ({ kind: "list", apiVersion: "ceph.rook.io/v1", object, namespace }) as const;
  return {
    state: "observed",
    sources: { pools: listed(kind), clusters: listed("CephCluster") },
    observer: ({ pools = [], clusters = [] }) => {
      const byName = groupBy(pools, (pool) => textAt(pool, "metadata", "name"));
      const health = healthOf(clusters);
      return ({ attributes }: VolumeIdentity): Observation => {
        const name = block
          ? (attributes["pool"] ?? poolName(options))
          : (attributes["fsName"] ?? filesystemName(options));
        const [pool] = byName.get(name) ?? [];
        if (pool === undefined) {
          return unknown(`There is no ${kind} ${namespace}/${name}.`);
        }
        const spec = block ? recordAt(pool, "spec") : dataPool(pool, attributes["pool"], name);
        const size = numberAt(spec, "replicated", "size");
        if (size === undefined) {
          return unknown(`${kind} ${namespace}/${name} does not say how many copies it keeps.`);
        }
        if ("why" in health) {
          return unknown(health.why);
        }
        const phase = textAt(pool, "status", "phase");
        const settled = phase === "Ready";
        const whole = settled && health.missing.length === 0;
        return {
          state: "seen",
          replicas: Array.from({ length: size }, () => ({
            node: undefined,
            state: whole ? "upToDate" : "unknown",
            detail: whole ? "pool" : "Ceph does not say of which volume a copy is missing",
          })),
          rule: ruleOf(request, spec),
          tieBreakers: [],
          troubles: [
            ...(settled
              ? []
              : [`Rook calls ${kind} ${name} ${phase === "" ? "not ready" : phase}.`]),
            ...health.missing,
          ],
        };
      };
    },
  };
}

/** Rook names a file system's data pools `<file system>-<name>`. */
function dataPool(filesystem: unknown, pool: string | undefined, name: string): unknown {
  const pools = listAt(filesystem, "spec", "dataPools");
  return pool === undefined
    ? pools[0]
    : pools.find((candidate) => `${name}-${textAt(candidate, "name")}` === pool);
}

type Health = { readonly missing: readonly string[] } | { readonly why: string };

function healthOf(clusters: readonly unknown[]): Health {
  const [cluster, ...others] = clusters;
  if (cluster === undefined || others.length > 0) {
    return {
      why: `There are ${clusters.length} CephClusters in Rook's namespace, one is expected.`,
    };
  }
  const ceph = recordAt(cluster, "status", "ceph");
  const health = textAt(ceph, "health");
  const details = Object.entries(recordAt(ceph, "details"));
  const missing = details.flatMap(([check, detail]) =>
    ABOUT_COPIES.test(check) ? [`Ceph reports ${check}: ${textAt(detail, "message")}.`] : [],
  );
  if (health === "HEALTH_OK") {
    return { missing };
  }
  // A warning that names no reason may be about anything.
  return health === "HEALTH_WARN" && details.length > 0
    ? { missing }
    : health === "HEALTH_ERR" || health === "HEALTH_WARN"
      ? { missing: missing.length > 0 ? missing : [`Ceph's health is ${health}.`] }
      : { why: "The CephCluster does not say how Ceph is." };
}

function ruleOf(request: StorageRequest, spec: unknown): PlacementRule {
  const domain = textAt(spec, "failureDomain");
  const perDomain = numberAt(spec, "replicated", "replicasPerFailureDomain") ?? 1;
  const text = `CRUSH, failure domain ${domain === "" ? "host" : domain}`;
  const { failureDomain } = cephLayout(request);
  if (domain === "host" || domain === "") {
    return { apart: "nodes", perSite: undefined, text };
  }
  return request.topology.spread === "sites" && domain === failureDomain
    ? { apart: "sites", perSite: perDomain, text: `${text}, at most ${perDomain} in each` }
    : { apart: "unknown", perSite: undefined, text };
}
