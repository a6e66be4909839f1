import { field, fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import type { VolumeMember } from "../../planning/pointRecord";
import type { Scheduling } from "../jobs/jobObject";
import type { ReleaseObjects } from "../release/types";
import { liveClaim } from "./record";

export interface SchedulingSources {
  readonly target: ReleaseObjects | undefined;
  readonly claims: readonly ClusterObject[];
  /** By name. */
  readonly volumes: ReadonlyMap<string, ClusterObject>;
  /** Where the present volumes are does not count. */
  readonly degraded: boolean;
}

interface PodSpec {
  readonly tolerations?: unknown;
  readonly nodeSelector?: unknown;
  readonly schedulerName?: unknown;
  readonly affinity?: { readonly nodeAffinity?: unknown };
  readonly volumes?: readonly {
    readonly persistentVolumeClaim?: { readonly claimName?: string };
  }[];
}

/**
 * Where the restored volume of a claim has to be usable: by the rules of the workload that uses it, and where the present
 * volume is. That place satisfied all rules, those about other pods, too, and has the other claims of the same pod.
 */
export function schedulingOf(
  { namespace, claim }: Pick<VolumeMember, "namespace" | "claim">,
  { target, claims, volumes, degraded }: SchedulingSources,
): Scheduling {
  const user = target?.objects.find(
    ({ object }) => object.metadata.namespace === namespace && uses(object, claim),
  )?.object;
  const spec = user === undefined ? {} : podSpec(user);
  const live = liveClaim(claims, { namespace, claim });
  const volume = volumes.get(live === undefined ? "" : fieldText(live, "spec", "volumeName"));
  const required = volume && field(volume, "spec", "nodeAffinity", "required");
  const nodeAffinity =
    required === undefined || degraded
      ? spec.affinity?.nodeAffinity
      : { requiredDuringSchedulingIgnoredDuringExecution: required };
  const { tolerations, nodeSelector, schedulerName } = spec;
  return {
    ...(tolerations === undefined ? {} : { tolerations }),
    ...(nodeSelector === undefined ? {} : { nodeSelector }),
    ...(schedulerName === undefined ? {} : { schedulerName }),
    ...(nodeAffinity === undefined ? {} : { affinity: { nodeAffinity } }),
  };
}

function podSpec(object: ClusterObject): PodSpec {
  return (field(object, "spec", "template", "spec") ?? {}) as PodSpec;
}

/** A StatefulSet's claims are called `<template>-<set>-<number>`. */
function uses(object: ClusterObject, claim: string): boolean {
  const templates = (field(object, "spec", "volumeClaimTemplates") ??
    []) as readonly ClusterObject[];
  return (
    templates.some(({ metadata }) => {
      const stem = `${metadata.name}-${object.metadata.name}-`;
      return claim.startsWith(stem) && /^[0-9]+$/.test(claim.slice(stem.length));
    }) ||
    (podSpec(object).volumes ?? []).some(
      ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim,
    )
  );
}
