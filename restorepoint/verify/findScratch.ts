import type { ClusterClient } from "../../clients/kubernetes/client";
import { selectorOf } from "../../clients/kubernetes/ownObjects";
import { SNAPSHOT_API } from "../../drift/volumeObjects";
import { listGroups, listServed } from "../served";
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
  const labelSelector = selectorOf(verifyLabels(place.stack, place.point));
  const lists = await Promise.all([
    listServed(client, "batch/v1", "Job", { namespace, labelSelector }),
    listServed(client, "v1", "PersistentVolumeClaim", { namespace, labelSelector }),
    listServed(client, SNAPSHOT_API, "VolumeSnapshot", { namespace, labelSelector }),
    listServed(client, SNAPSHOT_API, "VolumeSnapshotContent", { labelSelector }),
    listGroups(client, "VolumeGroupSnapshotContent", { labelSelector }),
  ]);
  return [...new Set(lists.flat().map(({ metadata }) => metadata.name))].sort();
}
