import { parseOwnerMark } from "../../planning/names";
import type { ExpiryDecision, ExpiryScope } from "../../planning/expiry";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import type { EtcdMember, PointRecord } from "../../planning/pointRecord";

import type { LiveVm } from "../../drift/types";
import { whyUnread, type Read } from "../../clients/access";
import { NOTHING_TAKEN, type TakeLeftovers } from "../findTaken";
import type { LiveSnapshots } from "../liveSnapshots";
import { findVmSnapshot } from "../presence";
import { planVolumeRemoval } from "./planVolumes";

/** A VM snapshot that is removed by its recorded reference. */
export interface VmRemoval {
  /** Kubernetes node name. */
  readonly node: string;
  /** BIOS UUID. */
  readonly uuid: string;
  /** Name in vCenter. */
  readonly vm: string;
  /** Reference of the snapshot. */
  readonly handle: string;
}

/** What removing a point would do, and what stands against it. */
export interface ExpiryPlan {
  readonly point: PointRecord;
  readonly scope: ExpiryScope;
  readonly reason: string;
  /** In the order of removal. */
  readonly vms: readonly VmRemoval[];
  /** Without `machines`, which are removed one by one before them. */
  readonly volumes: TakeLeftovers;
  readonly etcd: readonly EtcdMember[];
  /** What is not removed, and why; for people. */
  readonly left: readonly string[];
  /** Why nothing may be removed now; for people. */
  readonly refusals: readonly string[];
  /** What could not be read; counts like a refusal. */
  readonly unknown: readonly string[];
}

/** What the plans of one run are made from. */
export interface ExpiryWorld {
  readonly stack: string;
  /** Class that snapshots are taken with. */
  readonly className: string;
  readonly liveSnapshots: LiveSnapshots;
}

/**
 * What removing the decided points would do, the one taken last first: a VM snapshot goes before the one it hangs below.
 * Pure. Only what is recorded is ever removed, by its handle; what carries the name and another handle is somebody else's.
 */
export function planExpiry(
  decisions: readonly ExpiryDecision[],
  points: readonly PointRecord[],
  world: ExpiryWorld,
): readonly ExpiryPlan[] {
  const going = new Set<string>();
  return decisions
    .flatMap((decision) => {
      const point = points.find(({ name }) => name === decision.name);
      return point === undefined ? [] : [{ decision, point }];
    })
    .sort((one, other) => takenTime(other.point) - takenTime(one.point))
    .map(({ decision, point }) => {
      const plan = planOne(decision, point, world, going);
      if (plan.refusals.length === 0 && plan.unknown.length === 0) {
        plan.vms.forEach(({ handle }) => going.add(handle));
      }
      return plan;
    });
}

function takenTime({ takenAt }: PointRecord): number {
  return takenAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(takenAt);
}

function planOne(
  { scope, reason }: ExpiryDecision,
  point: PointRecord,
  world: ExpiryWorld,
  going: ReadonlySet<string>,
): ExpiryPlan {
  const { cluster, vcenter } = world.liveSnapshots;
  const vms = planVms(world.stack, point, vcenter, going);
  if (scope === "vms") {
    return { point, scope, reason, ...vms, volumes: NOTHING_TAKEN, etcd: [] };
  }
  const volumes = planVolumeRemoval(point, world, cluster);
  return {
    point,
    scope,
    reason,
    vms: vms.vms,
    volumes: volumes.leftovers,
    etcd: point.members.filter((member) => member.kind === "etcd").filter(isLiving),
    left: [...vms.left, ...volumes.left],
    refusals: [...vms.refusals, ...volumes.refusals],
    unknown: [...vms.unknown, ...volumes.unknown],
  };
}

type VmPlan = Pick<ExpiryPlan, "vms" | "left" | "refusals" | "unknown">;

const NO_VMS: VmPlan = { vms: [], left: [], refusals: [], unknown: [] };

function planVms(
  stack: string,
  point: PointRecord,
  vcenter: Read<readonly LiveVm[]>,
  going: ReadonlySet<string>,
): VmPlan {
  const members = vmsToEnd(stack, point, vcenter);
  if (members.length === 0) {
    return NO_VMS;
  }
  if (vcenter.state !== "read") {
    const why = whyUnread(vcenter, "No vCenter is configured.");
    return { ...NO_VMS, unknown: [`VM snapshots: ${why}`] };
  }
  const plans = members.map((member) => planVm(point, member, vcenter.value, going));
  return {
    vms: plans.flatMap(({ vms }) => vms),
    left: plans.flatMap(({ left }) => left),
    refusals: plans.flatMap(({ refusals }) => refusals),
    unknown: [],
  };
}

interface VmToEnd {
  readonly node: string;
  readonly uuid: string;
  readonly handle: string;
  readonly takenAt?: string;
  readonly expiredAt?: string | undefined;
}

/** The recorded ones; of a take that failed nothing is recorded, and what it has left is found by its marks. */
function vmsToEnd(
  stack: string,
  point: PointRecord,
  vcenter: Read<readonly LiveVm[]>,
): readonly VmToEnd[] {
  if (point.takenAt !== undefined) {
    // Those that are called ended as well: a run may have been killed between the mark and the removal.
    return vmMembers(point).filter(({ lost }) => lost === undefined);
  }
  return vcenter.state !== "read"
    ? vmMembers(point)
    : vcenter.value.flatMap(({ uuid, snapshots }) =>
        snapshots.flatMap(({ reference, description }): VmToEnd[] => {
          const mark = parseOwnerMark(description);
          return mark?.stack === stack && mark.point === point.name
            ? [{ node: mark.node, uuid, handle: reference }]
            : [];
        }),
      );
}

function planVm(
  point: PointRecord,
  { node, uuid, handle, takenAt, expiredAt }: VmToEnd,
  vms: readonly LiveVm[],
  going: ReadonlySet<string>,
): VmPlan {
  const found = findVmSnapshot({ uuid, handle, ...(takenAt && { takenAt }) }, point, vms);
  if (found.state !== "found") {
    const isEnded =
      found.state === "gone" && (expiredAt !== undefined || point.state === "expiring");
    return isEnded
      ? NO_VMS
      : { ...NO_VMS, left: [`VM snapshot ${handle} of ${node}: ${found.why}`] };
  }
  const { vm } = found;
  const below = vm.snapshots.filter(
    ({ parent, reference }) => parent === handle && !going.has(reference),
  );
  if (below.length > 0) {
    const names = below.map(({ name, reference }) => `${name} (${reference})`).join(", ");
    return {
      ...NO_VMS,
      refusals: [
        `VM snapshot ${handle} of ${node}: ${names} of ${vm.name} hangs below it and is younger; it waits until that is gone`,
      ],
    };
  }
  return { ...NO_VMS, vms: [{ node, uuid, vm: vm.name, handle }] };
}
