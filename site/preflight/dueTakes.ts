import { snapshotName } from "../../planning/names";
import type { SitePlan } from "../../planning/plan";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import type { Vm } from "../../clients/vcenter/vms";

/** A snapshot that the next deployment takes. */
export interface DueTake {
  readonly point: string;
  readonly snapshot: string;
  /** The point says that the product is stopped. */
  readonly stopped: boolean;
  /** It also holds volumes, so that the command which takes it stops the product itself. */
  readonly withVolumes: boolean;
  readonly memory: boolean;
  readonly quiesce: boolean;
}

/** A node's machine that is to be snapshotted. */
export interface TakeQuestion {
  readonly site: Site;
  readonly node: NodeVirtualMachine;
  readonly vm: Vm;
  /** At least one. */
  readonly due: readonly DueTake[];
  readonly now: Date;
}

/** What the next deployment takes of a node's machine. */
export function dueOf({ site, restorePoints }: SitePlan, node: string): readonly DueTake[] {
  return restorePoints.flatMap(({ name, state, takenAt, intended }) => {
    const file = site.restorePoints.find((point) => point.name === name);
    const isDue = takenAt === undefined && (state === "planned" || state === "taking");
    if (file === undefined || !isDue || !intended.includes(node)) {
      return [];
    }
    const { consistency, volumes: withVolumes, memory, quiesce } = file;
    const snapshot = snapshotName(site.stack, name);
    return [
      { point: name, snapshot, stopped: consistency === "stopped", withVolumes, memory, quiesce },
    ];
  });
}
