import type { Options, Companion, TopologyPlan } from "../plan";
import type { StorageClassSpec } from "../site";
import { secretParameters } from "./common";
import { textOption } from "./options";
import {
  clusterNamespace,
  filesystemName,
  imageFeatures,
  isBlock,
  poolName,
  type CephLayout,
  cephLayout,
  operatorNamespace,
  provisioner,
} from "./rookCephOptions";
import type { StorageRequest } from "./backend";

type Parameters = Record<string, string>;

/** The number of copies stands in the pool, not in the class. */
export function cephParameters(options: Options, { encryption }: StorageClassSpec): Parameters {
  const fsName = filesystemName(options);
  return {
    clusterID: clusterNamespace(options),
    ...(isBlock(options)
      ? { pool: poolName(options), imageFeatures: imageFeatures(options).join(",") }
      : { fsName, pool: `${fsName}-${DATA_POOL}` }),
    ...secrets(options, {
      provisioner: "provisioner",
      "controller-expand": "provisioner",
      "controller-publish": "provisioner",
      "node-stage": "node",
    }),
    ...(encryption
      ? { encrypted: "true", encryptionKMSID: textOption(options, "encryptionKmsId") ?? "" }
      : {}),
  };
}

export function snapshotParameters(options: Options): Parameters {
  return {
    clusterID: clusterNamespace(options),
    ...secrets(options, { snapshotter: "provisioner" }),
  };
}

export function groupParameters(options: Options): Parameters {
  return {
    clusterID: clusterNamespace(options),
    ...(isBlock(options) ? { pool: poolName(options) } : { fsName: filesystemName(options) }),
    ...secrets(options, { "group-snapshotter": "provisioner" }),
  };
}

/** Secrets that Rook makes in the cluster's namespace. */
function secrets(
  options: Options,
  stages: Readonly<Record<string, "provisioner" | "node">>,
): Parameters {
  const driver = isBlock(options) ? "rbd" : "cephfs";
  const names = Object.entries(stages).map(([stage, of]) => [stage, `rook-csi-${driver}-${of}`]);
  return secretParameters(clusterNamespace(options), Object.fromEntries(names));
}

/** Name of the data pool inside a CephFilesystem; Rook calls the pool `<filesystem>-replicated`. */
const DATA_POOL = "replicated";

/** The pool that keeps the copies, and the switch of the driver's fencing where fail-over is automatic. */
export function cephCompanions(request: StorageRequest): readonly Companion[] {
  const { site } = request;
  return [
    ...(site.backendOptions["declarePool"] === false
      ? []
      : [isBlock(site.backendOptions) ? blockPool(request) : filesystem(request)]),
    ...(site.failover === "automatic" ? [fencing(request)] : []),
  ];
}

function blockPool(request: StorageRequest): Companion {
  const options = request.site.backendOptions;
  return {
    key: "pool",
    object: {
      apiVersion: "ceph.rook.io/v1",
      kind: "CephBlockPool",
      metadata: { name: poolName(options), namespace: clusterNamespace(options) },
      spec: poolSpec(request),
    },
    hold: "own",
    protect: true,
    why: "the pool says how many copies a volume has and what keeps them apart; the volumes are lost with it",
  };
}

function filesystem(request: StorageRequest): Companion {
  const options = request.site.backendOptions;
  const name = filesystemName(options);
  return {
    key: "filesystem",
    object: {
      apiVersion: "ceph.rook.io/v1",
      kind: "CephFilesystem",
      metadata: { name, namespace: clusterNamespace(options) },
      spec: {
        metadataPool: poolSpec(request),
        dataPools: [{ name: DATA_POOL, ...poolSpec(request) }],
        preserveFilesystemOnDelete: true,
        metadataServer: {
          activeCount: 1,
          // A second server with a warm cache, where the first does not stand: without one a lost node stops the volumes.
          activeStandby: true,
          placement: metadataServerPlacement(name, request.topology),
        },
      },
    },
    hold: "own",
    protect: true,
    why: "its pools say how many copies a volume has and what keeps them apart; the volumes are lost with it",
  };
}

function poolSpec(request: StorageRequest): Record<string, unknown> {
  const { site } = request;
  const layout = cephLayout(request);
  const deviceClass = textOption(site.backendOptions, "deviceClass");
  return {
    failureDomain: layout.failureDomain ?? "host",
    ...(deviceClass === undefined ? {} : { deviceClass }),
    replicated: {
      size: site.replicationFactor,
      // Forbids a size of 1, which the waiver of a single copy asks for.
      requireSafeReplicaSize: site.replicationFactor > 1,
      ...(layout.perDomain > 1
        ? { replicasPerFailureDomain: layout.perDomain, subFailureDomain: "host" }
        : {}),
    },
    ...minSize(layout),
  };
}

/**
 * Said rather than left to size - size / 2, so that no configuration of the cluster changes what a write needs. Not in
 * a stretch cluster: there Ceph lowers it when a site is gone, and Rook would put ours back.
 */
function minSize({ stretch, minSize: least }: CephLayout): Record<string, unknown> {
  return stretch ? {} : { parameters: { min_size: String(least) } };
}

/** Both metadata servers on different nodes, and in different data sites where there are several. */
function metadataServerPlacement(name: string, topology: TopologyPlan): Record<string, unknown> {
  const overSites = topology.spread === "sites";
  return {
    ...(overSites
      ? {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                {
                  matchExpressions: [
                    {
                      key: topology.siteLabel,
                      operator: "In",
                      values: topology.dataSites.map((site) => site.name).sort(),
                    },
                  ],
                },
              ],
            },
          },
        }
      : {}),
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          labelSelector: { matchLabels: { app: "rook-ceph-mds", rook_file_system: name } },
          topologyKey: overSites ? topology.siteLabel : "kubernetes.io/hostname",
        },
      ],
    },
  };
}

function fencing({ site }: StorageRequest): Companion {
  const options = site.backendOptions;
  return {
    key: "fencing",
    object: {
      apiVersion: "csi.ceph.io/v1",
      kind: "Driver",
      metadata: { name: provisioner(options), namespace: operatorNamespace(options) },
      spec: { deployCsiAddons: true, enableFencing: true },
    },
    // Rook's operator makes the driver: only the two switches are ours.
    hold: "patch",
    protect: false,
    why: "by default a node that is only cut off goes on writing to a volume that another node has taken over",
  };
}
