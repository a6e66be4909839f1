import type { ClusterClient } from "../../clients/kubernetes/client";
import { field, fieldText, type ClusterObject } from "../../clients/kubernetes/object";
import type { SitePlan, TopologyPlan } from "../../planning/plan";
import { parseQuantity } from "../../restorepoint/quantity";
import { finding, type Finding } from "./finding";

type Reader = Pick<ClusterClient, "list">;

/**
 * Whether the copies of a lost site find room in those that stay. Asked of drivers that publish their capacity, and where
 * the rules of placement let another site take them at all.
 */
export async function checkCapacity(client: Reader, plan: SitePlan): Promise<Finding[]> {
  if (!mayMove(plan.topology, plan.site.replicationFactor)) {
    return [];
  }
  const [capacities, volumes] = await Promise.all([
    client.list("storage.k8s.io/v1", "CSIStorageCapacity"),
    client.list("v1", "PersistentVolume"),
  ]);
  return judgeCapacity(plan, capacities, volumes);
}

/** Whether another site may hold the copies of one that is lost. */
export function mayMove({ dataSites, maxPerSite, spread }: TopologyPlan, factor: number): boolean {
  return spread === "sites" && (dataSites.length - 1) * maxPerSite >= factor;
}

/** Pure. */
export function judgeCapacity(
  { site, topology, classes }: SitePlan,
  capacities: readonly ClusterObject[],
  volumes: readonly ClusterObject[],
): Finding[] {
  const names = new Set(classes.map(({ spec }) => spec.name));
  const free = new Map<string, number>();
  for (const one of capacities) {
    const labels = (field(one, "nodeTopology", "matchLabels") ?? {}) as Record<string, string>;
    const place = labels[topology.siteLabel];
    const bytes = typeof one["capacity"] === "string" ? parseQuantity(one["capacity"]) : undefined;
    if (place !== undefined && bytes !== undefined && names.has(String(one["storageClassName"]))) {
      // Classes of one pool publish the same space.
      free.set(place, Math.max(free.get(place) ?? 0, bytes));
    }
  }
  if (free.size === 0) {
    const told = "the driver publishes no capacity by site";
    return [finding("capacity", "capacity of the sites", ["notObserved", told])];
  }
  const used = volumes
    .filter((one) => names.has(fieldText(one, "spec", "storageClassName")))
    .reduce((sum, one) => sum + parseQuantity(fieldText(one, "spec", "capacity", "storage")), 0);
  const held = (used * site.replicationFactor) / topology.dataSites.length;
  return topology.dataSites.flatMap(({ name }) => {
    const others = topology.dataSites.filter((other) => other.name !== name);
    const left = others.reduce((sum, other) => sum + (free.get(other.name) ?? 0), 0);
    return left >= held
      ? []
      : [
          finding("capacity", `site ${name}`, [
            "error",
            `Its copies take about ${gib(held)} GiB, and the other sites have ${gib(left)} GiB free: after its loss not ` +
              "every volume gets its copies back.",
            "Add storage to the other sites, or answer for volumes that stay with fewer copies until the site is back.",
          ]),
        ];
  });
}

/** Bytes as GiB with one decimal. */
export function gib(bytes: number): string {
  return (bytes / 1_073_741_824).toFixed(1);
}
