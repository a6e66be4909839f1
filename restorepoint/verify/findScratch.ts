import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { SNAPSHOT_API } from "./scratchObjects";
import { verifyLabels } from "./scratchPlan";

/** Where a point's verification makes its objects. */
export interface ScratchPlace {
  readonly client: ClusterClient;
  readonly stack: string;
  readonly point: string;
  /** `site.cluster.namespace`. */
  readonly namespace: string;
}

/**
 * Names of what verifications of a point have left, by their labels: what a killed run made is found whatever it wrote
 * down.
 */
export async function findScratch(place: ScratchPlace): Promise<readonly string[]> {
  const { client, namespace } = place;
  const labelSelector = Object.entries(verifyLabels(place.stack, place.point))
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const lists = await Promise.all([
    listOrNone(client, "batch/v1", "Job", { namespace, labelSelector }),
    listOrNone(client, "v1", "PersistentVolumeClaim", { namespace, labelSelector }),
    listOrNone(client, SNAPSHOT_API, "VolumeSnapshot", { namespace, labelSelector }),
    listOrNone(client, SNAPSHOT_API, "VolumeSnapshotContent", { labelSelector }),
  ]);
  return [...new Set(lists.flat().map(({ metadata }) => metadata.name))].sort();
}

/** A kind that is not served has left nothing. */
async function listOrNone(
  client: ClusterClient,
  apiVersion: string,
  kind: string,
  options: { readonly namespace?: string; readonly labelSelector: string },
): Promise<readonly ClusterObject[]> {
  try {
    return await client.list(apiVersion, kind, options);
  } catch (error) {
    if (error instanceof ClusterError && error.failure === "notServed") {
      return [];
    }
    throw error;
  }
}
