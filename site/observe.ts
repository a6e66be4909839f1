import { observeHeldVolumes, type HeldVolumes } from "../drift/heldVolumes";
import { observeReplicas, type ObservedReplicas } from "../drift/replicas/observeReplicas";
import type { SitePlan } from "../planning/plan";
import type { LiveAccess } from "./up/access";

/** What the storage and vCenter say of the volumes now. */
export interface Observed {
  readonly replicas: ObservedReplicas;
  readonly heldVolumes: HeldVolumes;
}

export async function observe(plan: SitePlan, { cluster, vcenter }: LiveAccess): Promise<Observed> {
  const [replicas, heldVolumes] = await Promise.all([
    observeReplicas(plan, cluster),
    observeHeldVolumes(plan.site, vcenter),
  ]);
  return { replicas, heldVolumes };
}
