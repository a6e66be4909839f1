import type { ClusterClient } from "../../clients/kubernetes/client";
import { describeObject, referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import { SCALED_BACK } from "../../planning/draftPoint";
import type { Product } from "../../planning/site";
import { listIn, listServed, newestServed } from "../served";
import { readWorkloadObjects } from "./workloads";

/** Why the product must not be scaled down as it is now. */
export interface StopHazard {
  /** `SCALED_BACK` where only the stop would come to nothing; undefined where data would be lost, which nobody waives. */
  readonly rule: typeof SCALED_BACK | undefined;
  /** `namespace/name`. */
  readonly subject: string;
  /** What would happen and what to do. */
  readonly text: string;
}

/** What the judgement is made from. */
export interface StopWorld {
  /** Workloads of the product that have replicas. */
  readonly workloads: readonly ClusterObject[];
  /** All claims in its namespaces. */
  readonly claims: readonly ClusterObject[];
  /** Objects of other programs that scale workloads or set them back: KEDA, Argo CD and Flux. */
  readonly keepers: readonly ClusterObject[];
}

/** Looks for whatever would react to the stop of the product. What is not served is not there. */
export async function readStopWorld(client: ClusterClient, product: Product): Promise<StopWorld> {
  const [workloads, claims, ...keepers] = await Promise.all([
    readWorkloadObjects(client, product),
    listIn(client, product.namespaces, "v1", "PersistentVolumeClaim"),
    ...KEEPERS.map(async ([group, kind]) => {
      const apiVersion = await newestServed(client, group);
      return apiVersion === undefined ? [] : listServed(client, apiVersion, kind);
    }),
  ]);
  return { workloads, claims, keepers: keepers.flat() };
}

const KEEPERS = [
  ["keda.sh", "ScaledObject"],
  ["argoproj.io", "Application"],
  ["kustomize.toolkit.fluxcd.io", "Kustomization"],
  ["helm.toolkit.fluxcd.io", "HelmRelease"],
] as const;

/**
 * What stands against scaling the workloads to 0; pure. A StatefulSet whose claims would go with its pods is none: that
 * policy is suspended by the write that scales it. Nor is a HorizontalPodAutoscaler, which leaves 0 replicas alone.
 */
export function judgeStop({ workloads, claims, keepers }: StopWorld): readonly StopHazard[] {
  const hazard = (object: ClusterObject, text: string, rule?: typeof SCALED_BACK): StopHazard => {
    const { namespace = "", name } = object.metadata;
    return {
      rule,
      subject: `${namespace}/${name}`,
      text: `${describeObject(referenceOf(object))} ${text}`,
    };
  };
  const lost = "stopping the product would lose its volume. Use consistency frozen or crash.";
  return [
    ...claims.flatMap((claim) => {
      const { deletionTimestamp } = claim.metadata;
      const pod = ownersOf(claim).find(({ kind }) => kind === "Pod");
      return [
        ...(deletionTimestamp === undefined
          ? []
          : [hazard(claim, `is being deleted and only waits for its last pod: ${lost}`)]),
        ...(pod === undefined
          ? []
          : [hazard(claim, `belongs to Pod ${pod.name} and is deleted with it: ${lost}`)]),
      ];
    }),
    ...workloads.flatMap((workload) => {
      const { namespace = "", name } = workload.metadata;
      const waive = `Pause that for the time, or waive rule ${SCALED_BACK} for subject ${namespace}/${name}.`;
      return keepersOf(workload, keepers).map((keeper) =>
        hazard(
          workload,
          `is kept as it is by ${keeper}, which would start it again. ${waive}`,
          SCALED_BACK,
        ),
      );
    }),
  ];
}

/** What scales workloads or sets them back, and can be paused. */
export function keepersToPause({ workloads, keepers }: StopWorld): readonly ClusterObject[] {
  return keepers.filter((keeper) => workloads.some((workload) => keeps(keeper, workload)));
}

/** A keeper that is paused, or not any more; pure. */
export function paused(keeper: ClusterObject, isPaused: boolean): ClusterObject {
  const { kind, metadata } = keeper;
  const annotation = PAUSE_ANNOTATIONS[kind];
  if (annotation === undefined) {
    return { ...keeper, spec: { ...(keeper["spec"] as object), suspend: isPaused } };
  }
  const { [annotation]: _, ...others } = metadata.annotations ?? {};
  const annotations = isPaused ? { ...others, [annotation]: "true" } : others;
  return { ...keeper, metadata: { ...metadata, annotations } };
}

/** Kinds that are paused by an annotation; the others by `spec.suspend`. */
const PAUSE_ANNOTATIONS: Readonly<Record<string, string>> = {
  ScaledObject: "autoscaling.keda.sh/paused",
  Application: "argocd.argoproj.io/skip-reconcile",
};

/** What else keeps a workload as it wants it, for people. */
function keepersOf(workload: ClusterObject, keepers: readonly ClusterObject[]): readonly string[] {
  return [
    ...ownersOf(workload)
      .filter(({ controller }) => controller === true)
      .map(({ kind, name }) => `the operator of ${kind} ${name}`),
    ...keepers
      .filter((keeper) => keeps(keeper, workload))
      .map((keeper) => describeObject(referenceOf(keeper))),
  ];
}

interface KeeperSpec {
  readonly suspend?: boolean;
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string };
  readonly syncPolicy?: { readonly automated?: { readonly selfHeal?: boolean } };
  readonly driftDetection?: { readonly mode?: string };
}

/** Whether an object sets the replicas of a workload, and nobody has paused it. */
function keeps(keeper: ClusterObject, workload: ClusterObject): boolean {
  const spec = (keeper["spec"] ?? {}) as KeeperSpec;
  const { annotations = {}, name, namespace } = keeper.metadata;
  const own = workload.metadata;
  const { labels = {} } = own;
  switch (keeper.kind) {
    case "ScaledObject": {
      const { kind = "Deployment", name: target } = spec.scaleTargetRef ?? {};
      const isPaused = Object.keys(annotations).some((key) =>
        key.startsWith("autoscaling.keda.sh/paused"),
      );
      return (
        !isPaused && namespace === own.namespace && kind === workload.kind && target === own.name
      );
    }
    case "Application": {
      const { resources = [] } = (keeper["status"] ?? {}) as {
        readonly resources?: readonly { kind?: string; namespace?: string; name?: string }[];
      };
      return (
        spec.syncPolicy?.automated?.selfHeal === true &&
        annotations["argocd.argoproj.io/skip-reconcile"] !== "true" &&
        resources.some(
          (one) =>
            one.kind === workload.kind && one.namespace === own.namespace && one.name === own.name,
        )
      );
    }
    default: {
      const group = keeper.apiVersion.split("/")[0] ?? "";
      return (
        spec.suspend !== true &&
        (keeper.kind !== "HelmRelease" || spec.driftDetection?.mode === "enabled") &&
        own.annotations?.[`${group}/reconcile`] !== "disabled" &&
        labels[`${group}/name`] === name &&
        labels[`${group}/namespace`] === namespace
      );
    }
  }
}

interface Owner {
  readonly kind: string;
  readonly name: string;
  readonly controller?: boolean;
}

function ownersOf({ metadata }: ClusterObject): readonly Owner[] {
  return (metadata["ownerReferences"] ?? []) as readonly Owner[];
}
