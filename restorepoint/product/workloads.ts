import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import type { StoppedWorkload } from "../../planning/pointRecord";
import type { Product } from "../../planning/site";
import { listIn } from "../served";

/** A workload of the product that can be scaled down, with what it is to go back to. */
export type Workload = StoppedWorkload;

/**
 * Says on the object itself how many replicas it had before it was scaled down, so that it can be started again even
 * where the catalog is gone.
 */
export const FORMER_REPLICAS = "atom-backup/former-replicas";

/** The same for a StatefulSet whose claims would be deleted when it is scaled down. */
const FORMER_RETENTION = "atom-backup/former-claim-retention";

/** What has to be stopped first comes first: what starts others. */
const KINDS = [
  { kind: "CronJob", apiVersion: "batch/v1" },
  { kind: "Deployment", apiVersion: "apps/v1" },
  { kind: "StatefulSet", apiVersion: "apps/v1" },
] as const;

/** Those that a command has stopped and not started again, by what stands on them: the catalog may be gone. */
export async function readLeftStopped(
  client: ClusterClient,
  product: Product,
): Promise<readonly Workload[]> {
  const objects = await readWorkloadObjects(client, product);
  return objects.filter(isLeftStopped).map(workloadOf);
}

/** Workloads of the product that hold or change its data and have replicas, or had some before they were stopped. */
export async function readWorkloadObjects(
  client: ClusterClient,
  { namespaces, workloads: labelSelector }: Product,
): Promise<readonly ClusterObject[]> {
  const lists = await Promise.all(
    KINDS.map(({ kind, apiVersion }) =>
      listIn(client, namespaces, apiVersion, kind, labelSelector),
    ),
  );
  return lists.flat().filter((object) => workloadOf(object).replicas > 0);
}

/** Whether a workload has no replicas now; one that is gone has none. */
export async function isScaledDown(
  client: ClusterClient,
  { kind, namespace, name }: Workload,
): Promise<boolean> {
  const apiVersion = apiVersionOf(kind);
  const live = await client.get({ apiVersion, kind, namespace, name });
  return live === undefined || specOf(live).replicas === 0;
}

function apiVersionOf(kind: Workload["kind"]): string {
  return KINDS.find((one) => one.kind === kind)?.apiVersion ?? "apps/v1";
}

interface WorkloadSpec {
  readonly replicas?: number;
  readonly suspend?: boolean;
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenScaled?: string };
}

/** A CronJob that may start jobs counts as one replica. */
function specOf(object: ClusterObject): { readonly replicas: number; readonly deletes: boolean } {
  const spec = (object["spec"] ?? {}) as WorkloadSpec;
  return {
    replicas: object.kind === "CronJob" ? (spec.suspend === true ? 0 : 1) : (spec.replicas ?? 1),
    deletes: spec.persistentVolumeClaimRetentionPolicy?.whenScaled === "Delete",
  };
}

/** A workload with what it is to go back to. */
export function workloadOf(object: ClusterObject): Workload {
  const { namespace = "", name, annotations = {} } = object.metadata;
  const { replicas: now, deletes } = specOf(object);
  const former = Number(annotations[FORMER_REPLICAS] ?? Number.NaN);
  return {
    kind: object.kind as Workload["kind"],
    namespace,
    name,
    // Somebody who scaled it up meanwhile has the last word.
    replicas: now === 0 && former > 0 ? former : now,
    ...(deletes || annotations[FORMER_RETENTION] === "Delete" ? { whenScaled: "Delete" } : {}),
  };
}

/** Whether an object is a workload of a kind that can be scaled down. */
export function isWorkload({ kind, apiVersion }: ClusterObject): boolean {
  return KINDS.some((one) => one.kind === kind && one.apiVersion === apiVersion);
}

/** Whether a command has stopped a workload and not started it again, by what stands on it. */
export function isLeftStopped(object: ClusterObject): boolean {
  return (
    specOf(object).replicas === 0 && object.metadata.annotations?.[FORMER_REPLICAS] !== undefined
  );
}

/**
 * A workload as it is when it is stopped or runs; pure. It notes or forgets what it had before. The policy by which a
 * StatefulSet's claims go with its pods is suspended at the same time: no controller ever sees the one without the other.
 */
export function scaled(
  live: ClusterObject,
  { kind, replicas, whenScaled }: Workload,
  to: "stopped" | "running",
): ClusterObject {
  const isStop = to === "stopped";
  const {
    [FORMER_REPLICAS]: _,
    [FORMER_RETENTION]: __,
    ...others
  } = live.metadata.annotations ?? {};
  const former = {
    [FORMER_REPLICAS]: String(replicas),
    ...(whenScaled === undefined ? {} : { [FORMER_RETENTION]: whenScaled }),
  };
  const spec = live["spec"] as WorkloadSpec;
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  const count = isStop ? 0 : replicas;
  return {
    ...live,
    metadata: { ...live.metadata, annotations: isStop ? { ...others, ...former } : others },
    spec: {
      ...spec,
      ...(kind === "CronJob" ? { suspend: count === 0 } : { replicas: count }),
      ...(whenScaled === undefined
        ? {}
        : {
            persistentVolumeClaimRetentionPolicy: {
              ...policy,
              whenScaled: isStop ? "Retain" : whenScaled,
            },
          }),
    },
  };
}

/** Scales a workload. @returns false when it is gone */
export async function scale(
  client: ClusterClient,
  workload: Workload,
  to: "stopped" | "running",
): Promise<boolean> {
  const { kind, namespace, name } = workload;
  const reference = { apiVersion: apiVersionOf(kind), kind, namespace, name };
  const changed = await client.modify(reference, FIELD_MANAGER, (live) =>
    scaled(live, workload, to),
  );
  return changed !== undefined;
}
