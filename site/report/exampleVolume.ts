import type { SitePlan } from "../../planning/plan";

/** What one storage node holds of the drawn volume. */
export type Holding =
  { readonly kind: "copy"; readonly number: number } | { readonly kind: "vote" };

/** One possible placement that obeys the plan, for the drawing: which node holds which copy or only votes. */
export interface ExampleVolume {
  readonly className: string;
  readonly replicas: number;
  /** By node name. */
  readonly holds: ReadonlyMap<string, Holding>;
}

/** Backends whose volumes get a diskless vote of their own where the number of copies is even. */
const backendsWithTieBreaker: readonly string[] = ["linstor"];

/** The first nodes of each site that the plan gives copies to; the tie-breaker where no copy is. */
export function exampleVolume(plan: SitePlan): ExampleVolume {
  const { dataSites, witnessSites, replicasPerSite } = plan.topology;
  const holds = new Map<string, Holding>();
  let replicas = 0;
  for (const site of dataSites) {
    for (const node of site.storageNodes.slice(0, replicasPerSite[site.name] ?? 0)) {
      replicas += 1;
      holds.set(node, { kind: "copy", number: replicas });
    }
  }
  if (backendsWithTieBreaker.includes(plan.site.backend) && replicas % 2 === 0 && replicas > 0) {
    // A witness votes for every volume; without one the vote stands in a data site that holds no copy, or beside one.
    const spare = dataSites.filter((site) => !site.storageNodes.some((node) => holds.has(node)));
    const voter = [...witnessSites, ...spare, ...(dataSites.length === 1 ? dataSites : [])]
      .flatMap((site) => site.storageNodes)
      .find((node) => !holds.has(node));
    if (voter !== undefined) {
      holds.set(voter, { kind: "vote" });
    }
  }
  const shown = plan.classes.find(({ spec }) => spec.default) ?? plan.classes[0];
  return { className: shown?.spec.name ?? "", replicas, holds };
}
