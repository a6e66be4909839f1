import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { SitePlan } from "../../planning/plan";
import { finding, type Finding } from "./finding";

const ANNOTATION = "storageclass.kubernetes.io/is-default-class";

/**
 * Another default class beside ours: the API server then gives a claim without a class the one that was created last,
 * so each replacement of ours silently changes which one that is.
 */
export async function checkDefaultClass(client: ClusterClient, plan: SitePlan): Promise<Finding[]> {
  const names = plan.classes.map(({ spec }) => spec.name);
  const ours = plan.classes.find(({ spec }) => spec.default);
  if (ours === undefined) {
    return [];
  }
  const live = await client.list("storage.k8s.io/v1", "StorageClass");
  return live
    .filter((one) => isDefaultClass(one) && !names.includes(one.metadata.name))
    .map(({ metadata: { name } }) =>
      finding("default-class", `StorageClass ${name}`, [
        "warning",
        `${name} is marked as the cluster's default class as well, beside ${ours.spec.name}; claims without a class ` +
          "get the one that was created last.",
        `Remove the annotation ${ANNOTATION} from ${name}, or set default: false for ${ours.spec.name}.`,
      ]),
    );
}

export function isDefaultClass({ metadata }: ClusterObject): boolean {
  return metadata.annotations?.[ANNOTATION] === "true";
}
