import * as path from "node:path";
import type { LabApi } from "../../../lab/api";
import { storagePaths } from "../../../lab/dataPaths";
import { LabError } from "../../../lab/error";
import { LAB_STORAGE_NODES } from "../../../lab/inventory";
import { labPaths } from "../../../lab/paths";

/** One copy of a volume of the lab. */
export interface Replica {
  readonly node: string;
  readonly site: string;
  /** Folder with the copy's bytes. */
  readonly folder: string;
}

interface Claim {
  readonly spec: { readonly volumeName?: string };
}

interface Volume {
  readonly spec: {
    readonly csi: {
      readonly volumeHandle: string;
      readonly volumeAttributes?: { readonly replicaNodes?: string };
    };
  };
}

/**
 * Where the copies of a claim's volume lie, by node.
 * @throws LabError if there is no such claim, or no volume of the lab's driver behind it.
 */
export async function readReplicas(
  root: string,
  api: LabApi,
  { namespace, claim }: { readonly namespace: string; readonly claim: string },
): Promise<readonly Replica[]> {
  const found = await api.get(`/api/v1/namespaces/${namespace}/persistentvolumeclaims/${claim}`);
  const name = found.status === 200 ? (JSON.parse(found.text) as Claim).spec.volumeName : undefined;
  if (name === undefined) {
    throw new LabError(`The lab has no claim ${namespace}/${claim} that is bound to a volume.`);
  }
  const { text } = await api.get(`/api/v1/persistentvolumes/${name}`);
  const { volumeHandle, volumeAttributes } = (JSON.parse(text) as Volume).spec.csi;
  const { storage } = storagePaths(labPaths(root));
  return (volumeAttributes?.replicaNodes ?? "").split(",").map((node) => ({
    node,
    site: LAB_STORAGE_NODES.find((vm) => vm.name === node)?.site ?? "",
    folder: path.join(storage, "nodes", node, "volumes", volumeHandle),
  }));
}
