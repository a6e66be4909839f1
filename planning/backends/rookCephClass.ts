import type { Options } from "../plan";
import type { StorageClassSpec } from "../site";
import { textOption } from "./options";
import {
  clusterNamespace,
  filesystemName,
  imageFeatures,
  isBlock,
  poolName,
} from "./rookCephOptions";
import { DATA_POOL } from "./rookCephPools";

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

/** Secrets that Rook makes in the cluster's namespace, one pair of keys per stage. */
function secrets(
  options: Options,
  stages: Readonly<Record<string, "provisioner" | "node">>,
): Parameters {
  const driver = isBlock(options) ? "rbd" : "cephfs";
  return Object.fromEntries(
    Object.entries(stages).flatMap(([stage, of]) => [
      [`csi.storage.k8s.io/${stage}-secret-name`, `rook-csi-${driver}-${of}`],
      [`csi.storage.k8s.io/${stage}-secret-namespace`, clusterNamespace(options)],
    ]),
  );
}
