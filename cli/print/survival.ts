import type { HeldVolumes } from "../../drift/heldVolumes";
import type { SitePlan, SurvivalTable } from "../../planning/plan";

/** What is survived in one line; in two where the nodes are not as the stack file states. */
export function survivalLines({ survival }: SitePlan, now?: SurvivalTable): string[] {
  return now === undefined
    ? [survival.summary]
    : [`As stated: ${survival.summary}`, `As the nodes are now: ${now.summary}`];
}

/** Lines for people: the same, then every loss that is not survived, with its rule. */
export function printSurvival(plan: SitePlan, now?: SurvivalTable): string[] {
  const failing = (now ?? plan.survival).verdicts.filter((verdict) => !verdict.survived);
  return [
    ...survivalLines(plan, now),
    ...failing.map(
      ({ title, rule, restorePointsReadable, restorePointsRule }) =>
        `  not survived: ${title}: ${rule}; restore points readable: ${restorePointsReadable} (${restorePointsRule})`,
    ),
  ];
}

/** Lines for people: copies of each data volume by site. */
export function printReplicaPlan(plan: SitePlan): string[] {
  const { site, topology } = plan;
  const spread =
    topology.spread === "sites"
      ? `at most ${topology.maxPerSite} in one site, on different nodes`
      : "on different nodes of one site";
  const witnesses = topology.witnessSites.map(({ name }) => name);
  const voting = witnesses.length === 0 ? "" : `; witness in ${witnesses.join(", ")}`;
  return [`${site.replicationFactor} copies of each data volume, ${spread}${voting}`];
}

/** Lines for people: what stands against a fail-over now, though the plan has it. */
export function printHeldVolumes(held: HeldVolumes): string[] {
  switch (held.state) {
    case "read":
      return held.lines.map((line) => `  now: ${line}`);
    case "unknown":
      return [`  whether VM snapshots hold volumes is unknown: ${held.why}`];
    case "notNeeded":
      return [];
  }
}
