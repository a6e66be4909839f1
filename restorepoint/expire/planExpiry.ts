import { holdsVmsOnly, type ExpiryDecision, type ExpiryScope } from "../../planning/expiry";
import { isLiving, vmMembers } from "../../planning/pointMembers";
import type { EtcdMember, PointRecord } from "../../planning/pointRecord";

import type { LiveVm } from "../../drift/types";
import { whyUnread, type Read } from "../../clients/access";
import { NOTHING_TAKEN, type TakeLeftovers } from "../findTaken";
import type { LiveSnapshots } from "../liveSnapshots";
import { findVmSnapshot, vmsByMark, type VmHandle } from "../presence";
import { planVolumeRemoval, type Said } from "./planVolumes";

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
  /** Nodes whose VM snapshots stay for now while others of the point go; none where the whole point goes. */
  readonly waiting: readonly string[];
  /** Removed after the VM snapshots. */
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
  { className, liveSnapshots: { cluster, vcenter } }: ExpiryWorld,
  going: ReadonlySet<string>,
): ExpiryPlan {
  const said: Said = { left: [], refusals: [], unknown: [] };
  const { vms, waits } = planVms(point, vcenter, going, said);
  // One VM's snapshot that cannot go yet holds up no other's; a point that also holds volumes goes whole or not at all.
  const isPart = waits.length > 0 && vms.length > 0 && (scope === "vms" || holdsVmsOnly(point));
  (isPart ? said.left : said.refusals).push(...waits.map(({ why }) => why));
  const isWhole = scope === "point" && !isPart;
  return {
    point,
    scope: isWhole ? "point" : "vms",
    reason,
    vms,
    waiting: isPart ? waits.map(({ node }) => node) : [],
    volumes: isWhole ? planVolumeRemoval(point, className, cluster, said) : NOTHING_TAKEN,
    etcd: isWhole ? point.members.filter((one) => one.kind === "etcd").filter(isLiving) : [],
    ...said,
  };
}

interface VmPlan {
  readonly vms: readonly VmRemoval[];
  /** What has to wait for something that is younger. */
  readonly waits: readonly { readonly node: string; readonly why: string }[];
}

function planVms(
  point: PointRecord,
  vcenter: Read<readonly LiveVm[]>,
  going: ReadonlySet<string>,
  said: Said,
): VmPlan {
  // Of a take that failed nothing is recorded, and what it has left is found by its marks. Those that are called ended are
  // looked for as well: a run may have been killed between the mark and the removal.
  const recorded = vmMembers(point).filter(({ lost }) => lost === undefined);
  if (vcenter.state !== "read") {
    if (recorded.length > 0) {
      said.unknown.push(`VM snapshots: ${whyUnread(vcenter, "No vCenter is configured.")}`);
    }
    return { vms: [], waits: [] };
  }
  const live = vcenter.value;
  const members = point.takenAt === undefined ? vmsByMark(point, live) : recorded;
  const planned = members.flatMap((member) => planVm(point, member, live, going, said) ?? []);
  return {
    vms: planned.flatMap((one) => ("why" in one ? [] : [one])),
    waits: planned.flatMap((one) => ("why" in one ? [one] : [])),
  };
}

function planVm(
  point: PointRecord,
  member: VmHandle,
  vms: readonly LiveVm[],
  going: ReadonlySet<string>,
  said: Said,
): VmRemoval | VmPlan["waits"][number] | undefined {
  const { node, uuid, handle, expiredAt } = member;
  const what = `VM snapshot ${handle} of ${node}`;
  const found = findVmSnapshot(member, point, vms);
  if (found.state !== "found") {
    const isEnded =
      found.state === "gone" && (expiredAt !== undefined || point.state === "expiring");
    if (!isEnded) {
      said.left.push(`${what}: ${found.why}`);
    }
    return undefined;
  }
  const { vm } = found;
  const below = vm.snapshots.filter(
    ({ parent, reference }) => parent === handle && !going.has(reference),
  );
  if (below.length > 0) {
    const names = below.map(({ name, reference }) => `${name} (${reference})`).join(", ");
    const why = `${what}: ${names} of ${vm.name} hangs below it and is younger; it waits until that is gone`;
    return { node, why };
  }
  return { node, uuid, vm: vm.name, handle };
}
