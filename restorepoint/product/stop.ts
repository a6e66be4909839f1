import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, fieldText, fullName, type ClusterObject } from "../../clients/kubernetes/object";
import { waitFor } from "../../clients/wait";
import type { Product } from "../../planning/site";
import { listed } from "../../planning/words";
import type { Progress } from "../../clients/reporter";
import { listIn } from "../served";
import { requireGoingOn } from "../take/takeError";
import { isScaledDown, scale, type Workload } from "./workloads";

export interface StopOptions {
  readonly product: Product;
  /** Names of the PersistentVolumes that have to be free. */
  readonly volumes: readonly string[];
  readonly progress: Progress;
  /** Called before each workload is touched; tests end the process from it. */
  readonly onStep?: (() => void) | undefined;
  /** Limit for pods and attachments to go, in milliseconds; default 10 minutes. */
  readonly limitMs?: number;
  /** Abandons the wait. */
  readonly signal?: AbortSignal | undefined;
}

const LIMIT_MS = 10 * 60_000;
const POLL_MS = 250;

/**
 * Stops the workloads and waits until no pod of theirs is left and no node holds one of the volumes: only then is
 * nothing written any more. Jobs that a CronJob started are waited for and not ended. Repeatable.
 *
 * @throws Error naming what does not go
 */
export async function stopProduct(
  client: ClusterClient,
  workloads: readonly Workload[],
  { product, volumes, progress, onStep, limitMs = LIMIT_MS, signal }: StopOptions,
): Promise<void> {
  for (const [index, workload] of workloads.entries()) {
    progress.update({
      done: index,
      total: workloads.length,
      text: `stopping ${titleOf(workload)}`,
    });
    requireGoingOn(signal);
    onStep?.();
    await scale(client, workload, "stopped");
  }
  let left: readonly string[] = [];
  const look = async (): Promise<true | undefined> => {
    requireGoingOn(signal);
    left = await usersOf(client, product, volumes);
    const text = `${left.length} pods and attached volumes are left`;
    progress.update({ done: workloads.length, total: workloads.length, text });
    return left.length === 0 || undefined;
  };
  if ((await waitFor(look, { timeoutMs: limitMs, pauseMs: POLL_MS })) === undefined) {
    throw new Error(
      `The product did not stop within ${Math.round(limitMs / 1000)} s: ${listed(left)} still there. A controller ` +
        "outside product.workloads may have started them again.",
    );
  }
}

/** Whether all workloads are still stopped, and nothing uses their volumes. */
export async function isStopped(
  client: ClusterClient,
  workloads: readonly Workload[],
  { product, volumes }: Pick<StopOptions, "product" | "volumes">,
): Promise<boolean> {
  const [stopped, users] = await Promise.all([
    Promise.all(workloads.map((workload) => isScaledDown(client, workload))),
    usersOf(client, product, volumes),
  ]);
  return stopped.every(Boolean) && users.length === 0;
}

/** What still uses the volumes of a product, for people. */
async function usersOf(
  client: ClusterClient,
  product: Product,
  volumes: readonly string[],
): Promise<readonly string[]> {
  const [pods, attachments] = await Promise.all([
    claimingPods(client, product),
    client.list("storage.k8s.io/v1", "VolumeAttachment"),
  ]);
  const attached = attachments.flatMap((one) => {
    const volume = fieldText(one, "spec", "source", "persistentVolumeName");
    const node = fieldText(one, "spec", "nodeName");
    return volumes.includes(volume) ? [`volume ${volume} on ${node}`] : [];
  });
  return [...pods.map((pod) => `pod ${fullName(pod)}`), ...attached];
}

/** Gives the workloads their replicas back; what was removed meanwhile is named. Repeatable. */
export async function startProduct(
  client: ClusterClient,
  workloads: readonly Workload[],
  onStep?: () => void,
): Promise<readonly string[]> {
  const gone: string[] = [];
  // In the opposite order: what holds data first, what starts jobs last.
  for (const workload of workloads.toReversed()) {
    onStep?.();
    if (!(await scale(client, workload, "running"))) {
      gone.push(titleOf(workload));
    }
  }
  return gone;
}

export function titleOf({ kind, namespace, name }: Workload): string {
  return `${kind} ${namespace}/${name}`;
}

/** Pods of the product's namespaces that have a claim and could write: not those that have ended. */
export async function claimingPods(
  client: ClusterClient,
  { namespaces }: Product,
): Promise<readonly ClusterObject[]> {
  return (await listIn(client, namespaces, "v1", "Pod")).filter((pod) => {
    const hasEnded = ["Succeeded", "Failed"].includes(fieldText(pod, "status", "phase"));
    return claimsOf(pod).length > 0 && !hasEnded;
  });
}

/** Names of the claims that a pod uses. */
export function claimsOf(pod: ClusterObject): readonly string[] {
  const volumes = (field(pod, "spec", "volumes") ?? []) as readonly {
    readonly persistentVolumeClaim?: { readonly claimName?: string };
  }[];
  return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}
