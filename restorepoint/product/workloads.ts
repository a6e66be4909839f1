import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Product } from "../../planning/site";

/** A workload of the product that can be scaled down. */
export interface Workload {
  readonly kind: "StatefulSet" | "Deployment" | "CronJob";
  readonly namespace: string;
  readonly name: string;
  /** Replicas that it is to have; for a CronJob 1 when it may start jobs, else 0. */
  readonly replicas: number;
}

/**
 * Says on the object itself how many replicas it had before it was scaled down, so that it can be started again even
 * where the catalog is gone.
 */
export const FORMER_REPLICAS = "atom-backup/former-replicas";

/** What has to be stopped first comes first: what starts others. */
const KINDS = [
  { kind: "CronJob", apiVersion: "batch/v1" },
  { kind: "Deployment", apiVersion: "apps/v1" },
  { kind: "StatefulSet", apiVersion: "apps/v1" },
] as const;

/** All workloads of the product that hold or change its data, stopped ones with what they had before. */
export async function readWorkloads(
  client: ClusterClient,
  product: Product,
): Promise<readonly Workload[]> {
  const lists = await Promise.all(
    KINDS.flatMap(({ kind, apiVersion }) =>
      product.namespaces.map(async (namespace) => {
        const objects = await client.list(apiVersion, kind, {
          namespace,
          labelSelector: product.workloads,
        });
        return objects.map((object) => workloadOf(kind, object));
      }),
    ),
  );
  return lists.flat();
}

/** Whether a workload has no replicas now; one that is gone has none. */
export async function isScaledDown(
  client: ClusterClient,
  { kind, namespace, name }: Workload,
): Promise<boolean> {
  const apiVersion = apiVersionOf(kind);
  const live = await client.get({ apiVersion, kind, namespace, name });
  return live === undefined || replicasNow(kind, live) === 0;
}

function apiVersionOf(kind: Workload["kind"]): string {
  return KINDS.find((one) => one.kind === kind)?.apiVersion ?? "apps/v1";
}

function replicasNow(kind: Workload["kind"], object: ClusterObject): number {
  const spec = (object["spec"] ?? {}) as { readonly replicas?: number; readonly suspend?: boolean };
  return kind === "CronJob" ? (spec.suspend === true ? 0 : 1) : (spec.replicas ?? 1);
}

function workloadOf(kind: Workload["kind"], object: ClusterObject): Workload {
  const { namespace = "", name, annotations } = object.metadata;
  const now = replicasNow(kind, object);
  const former = Number(annotations?.[FORMER_REPLICAS] ?? Number.NaN);
  // Somebody who scaled it up meanwhile has the last word.
  return { kind, namespace, name, replicas: now === 0 && former > 0 ? former : now };
}

/** Scales a workload, and notes or forgets what it had before. @returns false when it is gone */
export async function scale(
  client: ClusterClient,
  { kind, namespace, name, replicas }: Workload,
  to: "stopped" | "running",
): Promise<boolean> {
  const apiVersion = apiVersionOf(kind);
  const changed = await client.modify(
    { apiVersion, kind, namespace, name },
    "atom-backup",
    (live) => {
      const annotations = Object.fromEntries(
        Object.entries(live.metadata.annotations ?? {}).filter(([key]) => key !== FORMER_REPLICAS),
      );
      if (to === "stopped") {
        annotations[FORMER_REPLICAS] = String(replicas);
      }
      const count = to === "stopped" ? 0 : replicas;
      return {
        ...live,
        metadata: { ...live.metadata, annotations },
        spec: {
          ...(live["spec"] as object),
          ...(kind === "CronJob" ? { suspend: count === 0 } : { replicas: count }),
        },
      };
    },
  );
  return changed !== undefined;
}
