import { snapshotName } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";

/** A snapshot that the next deployment cuts. */
export interface DueTake {
  readonly point: string;
  readonly snapshot: string;
  /** The point says that the product is stopped. */
  readonly stopped: boolean;
  /** It also holds volumes, so that the command which cuts it stops the product itself. */
  readonly withVolumes: boolean;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** By node, what the next deployment cuts. */
export function vmsToTake({
  site,
  restorePoints,
}: SitePlan): ReadonlyMap<string, readonly DueTake[]> {
  const taken = new Map<string, DueTake[]>();
  for (const { name, state, takenAt, intended } of restorePoints) {
    const file = site.restorePoints.find((point) => point.name === name);
    if (
      file === undefined ||
      takenAt !== undefined ||
      (state !== "planned" && state !== "taking")
    ) {
      continue;
    }
    const due = {
      point: name,
      snapshot: snapshotName(site.stack, name),
      stopped: file.consistency === "stopped",
      withVolumes: file.volumes,
      memory: file.memory,
      quiesce: file.quiesce,
    };
    for (const node of intended) {
      taken.set(node, [...(taken.get(node) ?? []), due]);
    }
  }
  return taken;
}
