import { readFrom, type Read } from "../clients/access";
import { observeHeldVolumes, type HeldVolumes } from "../drift/heldVolumes";
import { hasUnknown } from "../drift/findings";
import { observeReplicas, type ObservedReplicas } from "../drift/replicas/observeReplicas";
import { planSite } from "../planning/index";
import type { SitePlan } from "../planning/plan";
import { readPoints, type KnownPoints } from "../restorepoint/knownPoints";
import { readLiveSnapshots, type LiveSnapshots } from "../restorepoint/liveSnapshots";
import { listByAge, type VolumeListing } from "./down/volumes";
import type { OpenStack } from "./stack";
import { statusOf, type Status } from "./status/status";
import type { LiveAccess } from "./up/access";
import { readStack, type Reading } from "./up/reading";

/** What the storage and vCenter say of the volumes now. */
export interface Observed {
  readonly replicas: ObservedReplicas;
  readonly heldVolumes: HeldVolumes;
}

/** All that can be read of a stack. */
export interface Seen extends Observed {
  readonly plan: SitePlan;
  readonly reading: Reading;
  readonly known: KnownPoints;
  /** What the live systems have of the points. */
  readonly snapshots: LiveSnapshots;
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

/** Reads what is there, by one pass of LISTs: that is what counts, and not what a deployment says it did. */
export async function lookAround(
  stack: OpenStack,
  { desired, state }: Pick<Reading, "desired" | "state">,
  access: LiveAccess,
): Promise<Seen> {
  const { site } = stack;
  const plan = planSite(site);
  const classes = site.classes.map(({ name }) => name);
  const [reading, known, snapshots, observed, volumes] = await Promise.all([
    readStack(desired, state, site, access),
    readPoints({ stack, cluster: access.cluster }),
    readLiveSnapshots(access),
    observe(plan, access),
    readFrom(access.cluster, (client) => listByAge(client, classes)),
  ]);
  const formerVolumes =
    volumes.state === "read"
      ? { ...volumes, value: volumes.value.filter(({ made }) => made !== "present") }
      : volumes;
  return { plan, reading, known, snapshots, formerVolumes, ...observed };
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

/** What `status` and the report page say of it. */
export function statusNow(
  { plan, reading, known, snapshots }: Pick<Seen, "plan" | "reading" | "known" | "snapshots">,
  now: Date,
): Status {
  const { findings, live } = reading;
  return statusOf({ plan, known, snapshots, findings, live, now });
}
