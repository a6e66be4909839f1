import { readFrom, type Read } from "../clients/access";
import { observeHeldVolumes, type HeldVolumes } from "../drift/heldVolumes";
import { hasUnknown } from "../drift/findings";
import { observeReplicas, type ObservedReplicas } from "../drift/replicas/observeReplicas";
import type { SitePlan } from "../planning/plan";
import { listByAge, type VolumeListing } from "./down/volumes";
import { readDrift, type Drift } from "./drift/readDrift";
import type { OpenStack } from "./stack";
import { inOnePass, type LiveAccess } from "./up/access";
import type { Reading } from "./up/reading";

/** What the storage and vCenter say of the volumes now. */
export interface Observed {
  readonly replicas: ObservedReplicas;
  readonly heldVolumes: HeldVolumes;
}

/** All that can be read of a stack. */
export interface Seen extends Observed, Omit<Drift, "notObserved"> {
  /** Volumes that keep what an earlier class gave them. */
  readonly formerVolumes: Read<readonly VolumeListing[]>;
}

export async function observe(plan: SitePlan, { cluster, vcenter }: LiveAccess): Promise<Observed> {
  const [replicas, heldVolumes] = await Promise.all([
    observeReplicas(plan, cluster),
    observeHeldVolumes(plan.site, vcenter),
  ]);
  return { replicas, heldVolumes };
}

/**
 * Reads what is there, by one pass of LISTs: that is what counts, and not what a deployment says it did.
 *
 * @param opened asked once for each kind
 */
export async function lookAround(
  stack: OpenStack,
  { desired, state }: Pick<Reading, "desired" | "state">,
  opened: LiveAccess,
): Promise<Seen> {
  const access = inOnePass(opened);
  const { site } = stack;
  const classes = site.classes.map(({ name }) => name);
  const [drift, heldVolumes, volumes] = await Promise.all([
    readDrift({ stack, desired, state, access, only: undefined, now: new Date() }),
    observeHeldVolumes(site, access.vcenter),
    readFrom(access.cluster, (client) => listByAge(client, classes)),
  ]);
  const formerVolumes =
    volumes.state === "read"
      ? { ...volumes, value: volumes.value.filter(({ made }) => made !== "present") }
      : volumes;
  return { ...drift, heldVolumes, formerVolumes };
}

/** Whether something could not be read. */
export function isUnread({ reading, known, snapshots, ...others }: Seen): boolean {
  const { replicas, heldVolumes, formerVolumes } = others;
  const reads = [replicas, heldVolumes, formerVolumes, snapshots.cluster, snapshots.vcenter];
  return (
    hasUnknown(reading.findings) ||
    known.unknown.length > 0 ||
    reads.some(({ state }) => state === "unknown")
  );
}
