import { setTimeout as pause } from "node:timers/promises";

import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Product } from "../../planning/site";
import type { Progress } from "../../clients/reporter";
import { requireGoingOn } from "../take/takeError";
import { isScaledDown, scale, type Workload } from "./workloads";

/** The product did not stop or start as asked. */
export class ProductError extends Error {
  override readonly name = "ProductError";
}

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
 * @throws ProductError naming what does not go
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
  const end = Date.now() + limitMs;
  for (;;) {
    requireGoingOn(signal);
    const [pods, attached] = await Promise.all([
      claimingPods(client, product),
      attachments(client, volumes),
    ]);
    if (pods.length === 0 && attached.length === 0) {
      return;
    }
    if (Date.now() >= end) {
      throw new ProductError(stuck(pods, attached, limitMs));
    }
    const text = `${pods.length} pods and ${attached.length} attached volumes are left`;
    progress.update({ done: workloads.length, total: workloads.length, text });
    await pause(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Whether all workloads are still stopped, and nothing uses their volumes. */
export async function isStopped(
  client: ClusterClient,
  workloads: readonly Workload[],
  { product, volumes }: Pick<StopOptions, "product" | "volumes">,
): Promise<boolean> {
  const [stopped, pods, attached] = await Promise.all([
    Promise.all(workloads.map((workload) => isScaledDown(client, workload))),
    claimingPods(client, product),
    attachments(client, volumes),
  ]);
  return stopped.every(Boolean) && pods.length === 0 && attached.length === 0;
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
  const lists = await Promise.all(
    namespaces.map((namespace) => client.list("v1", "Pod", { namespace })),
  );
  return lists.flat().filter((pod) => {
    const phase = (pod["status"] as { readonly phase?: string } | undefined)?.phase;
    return claimsOf(pod).length > 0 && phase !== "Succeeded" && phase !== "Failed";
  });
}

/** Names of the claims that a pod uses. */
export function claimsOf(pod: ClusterObject): readonly string[] {
  const spec = (pod["spec"] ?? {}) as {
    readonly volumes?: readonly {
      readonly persistentVolumeClaim?: { readonly claimName?: string };
    }[];
  };
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim?.claimName === undefined ? [] : [persistentVolumeClaim.claimName],
  );
}

interface Attachment {
  readonly volume: string;
  readonly node: string;
}

async function attachments(
  client: ClusterClient,
  volumes: readonly string[],
): Promise<readonly Attachment[]> {
  const wanted = new Set(volumes);
  const all = await client.list("storage.k8s.io/v1", "VolumeAttachment");
  return all.flatMap((object) => {
    const spec = (object["spec"] ?? {}) as {
      readonly nodeName?: string;
      readonly source?: { readonly persistentVolumeName?: string };
    };
    const volume = spec.source?.persistentVolumeName ?? "";
    return wanted.has(volume) ? [{ volume, node: spec.nodeName ?? "" }] : [];
  });
}

function stuck(
  pods: readonly ClusterObject[],
  attached: readonly Attachment[],
  limitMs: number,
): string {
  const names = pods.map(({ metadata }) => `${metadata.namespace ?? ""}/${metadata.name}`);
  const what = [
    ...(names.length === 0 ? [] : [`pods ${names.join(", ")}`]),
    ...(attached.length === 0
      ? []
      : [`volumes ${attached.map(({ volume, node }) => `${volume} on ${node}`).join(", ")}`]),
  ];
  return (
    `The product did not stop within ${Math.round(limitMs / 1000)} s: ${what.join(" and ")} still there. A controller ` +
    "outside product.workloads may have started them again."
  );
}
