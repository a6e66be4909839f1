import type { ClassPlan, Options, SnapshotClassPlan } from "../plan";
import type { StorageClassSpec } from "../site";
import type { StorageRequest } from "./backend";
import { fsTypeParameter } from "./common";
import { textOption } from "./options";
import {
  clusterNamespace,
  filesystemName,
  imageFeatures,
  isBlock,
  poolName,
  provisioner,
} from "./rookCephOptions";
import { DATA_POOL } from "./rookCephPools";

/** The number of copies stands in the pool, not in the class. */
export function cephClass({ site }: StorageRequest, spec: StorageClassSpec): ClassPlan {
  const options = site.backendOptions;
  return {
    spec,
    provisioner: provisioner(options),
    parameters: {
      clusterID: clusterNamespace(options),
      ...(isBlock(options) ? blockParameters(options) : fileParameters(options)),
      ...secrets(options, [
        ["provisioner", "provisioner"],
        ["controller-expand", "provisioner"],
        ["controller-publish", "provisioner"],
        ["node-stage", "node"],
      ]),
      ...fsTypeParameter(spec),
      ...(spec.encryption ? encryptionParameters(options) : {}),
    },
    // The drivers publish no topology for replicated pools: terms would find no node.
    allowedTopologies: undefined,
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: spec.mountOptions,
  };
}

export function cephSnapshotClass({ site }: StorageRequest): SnapshotClassPlan {
  const options = site.backendOptions;
  return {
    name: site.snapshots.className,
    driver: provisioner(options),
    deletionPolicy: site.snapshots.deletionPolicy,
    parameters: {
      clusterID: clusterNamespace(options),
      ...secrets(options, [["snapshotter", "provisioner"]]),
    },
  };
}

export function cephGroupSnapshotClass(request: StorageRequest): SnapshotClassPlan {
  const options = request.site.backendOptions;
  return {
    ...cephSnapshotClass(request),
    parameters: {
      clusterID: clusterNamespace(options),
      ...(isBlock(options) ? { pool: poolName(options) } : { fsName: filesystemName(options) }),
      ...secrets(options, [["group-snapshotter", "provisioner"]]),
    },
  };
}

function blockParameters(options: Options): Record<string, string> {
  return {
    pool: poolName(options),
    imageFeatures: imageFeatures(options).join(","),
  };
}

function fileParameters(options: Options): Record<string, string> {
  const name = filesystemName(options);
  return { fsName: name, pool: `${name}-${DATA_POOL}` };
}

function encryptionParameters(options: Options): Record<string, string> {
  return {
    encrypted: "true",
    encryptionKMSID: textOption(options, "encryptionKmsId") ?? "",
  };
}

/** Secrets that Rook makes in the cluster's namespace, one pair of keys per stage. */
function secrets(
  options: Options,
  stages: readonly (readonly [stage: string, of: "provisioner" | "node"])[],
): Record<string, string> {
  const driver = isBlock(options) ? "rbd" : "cephfs";
  return Object.fromEntries(
    stages.flatMap(([stage, of]) => [
      [`csi.storage.k8s.io/${stage}-secret-name`, `rook-csi-${driver}-${of}`],
      [`csi.storage.k8s.io/${stage}-secret-namespace`, clusterNamespace(options)],
    ]),
  );
}
