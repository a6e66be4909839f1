import { memberResourceName, ownerMark, snapshotName } from "./names";
import type { RestorePointPlan, VirtualMachineMember } from "./plan";
import { isLiving } from "./pointMembers";
import type { PointFile, Site, TakenVmSnapshot } from "./site";

/**
 * What each restore point registers, in the order of {@link inTakenOrder}. Taking one is an event, not a desired state:
 * members are registered only while a point is being taken, and afterwards exactly those that were recorded, whatever the
 * node list says by then.
 */
export function planRestorePoints(site: Site): readonly RestorePointPlan[] {
  const before = new Map<string, string>();
  return inTakenOrder(site.restorePoints).map((point) => ({
    name: point.name,
    release: point.release,
    state: point.state,
    takenAt: takenAt(point),
    virtualMachines: vmsOf(site, point).map((vm) => {
      const member = planMember(site, point, vm, before.get(vm.uuid));
      before.set(vm.uuid, member.resourceName);
      return member;
    }),
    intended: intendedNodes(site, point),
    volumes: point.volumes,
  }));
}

/**
 * Names of the nodes whose VMs a point means to take: the recorded ones once it was taken, else what the file asks for.
 * `all` takes storage and worker VMs; a control-plane VM is only taken when it is named.
 */
export function intendedNodes(site: Site, point: PointFile): readonly string[] {
  if (isTaken(point)) {
    return point.vms.map(({ node }) => node);
  }
  const nodes = site.virtualMachines?.nodes ?? [];
  switch (point.virtualMachines) {
    case "none":
      return [];
    case "all":
      return nodes.filter((node) => node.role !== "controlPlane").map((node) => node.name);
    default:
      return [...new Set(point.virtualMachines)];
  }
}

/** VM snapshots of a point that are still there: neither found missing nor removed on purpose. */
export function livingVms({ vms }: PointFile): readonly TakenVmSnapshot[] {
  return vms.filter(isLiving);
}

/** Whether all VM snapshots of a point were taken. */
export function isTaken({ state }: PointFile): boolean {
  return state === "ready" || state === "expiring";
}

/** When the last VM snapshot of a point was taken, RFC 3339; undefined before all were. */
export function takenAt(point: PointFile): string | undefined {
  return isTaken(point)
    ? point.vms
        .map((vm) => vm.takenAt)
        .sort()
        .at(-1)
    : undefined;
}

/** Points in the order in which they were taken, those that are being taken last, by name. */
export function inTakenOrder(points: readonly PointFile[]): readonly PointFile[] {
  const time = (point: PointFile): number =>
    Date.parse(takenAt(point) ?? "") || Number.POSITIVE_INFINITY;
  // A stable sort: two points of one instant, and all that are not taken yet, keep the order of the list.
  return [...points].sort((one, two) => {
    const [first, second] = [time(one), time(two)];
    return first === second ? 0 : first - second;
  });
}

export interface Vm {
  /** Kubernetes node name. */
  readonly node: string;
  readonly uuid: string;
  readonly taken: TakenVmSnapshot | undefined;
}

function vmsOf(site: Site, point: PointFile): readonly Vm[] {
  if (isTaken(point)) {
    return livingVms(point).map((taken) => ({ node: taken.node, uuid: taken.uuid, taken }));
  }
  return point.state === "taking" ? plannedVms(site, point) : [];
}

/**
 * VMs that a point that is not taken takes: those it means to take, and those that an earlier, interrupted run has
 * recorded already. A recorded one that is gone again is not taken a second time.
 */
export function plannedVms(site: Site, point: PointFile): readonly Vm[] {
  const recorded = new Map(point.vms.map((member) => [member.node, member]));
  const known = new Map(site.virtualMachines?.nodes.map((node) => [node.name, node.uuid]));
  const fresh = intendedNodes(site, point).flatMap((node) => {
    const uuid = known.get(node);
    return uuid === undefined || recorded.has(node) ? [] : [{ node, uuid, taken: undefined }];
  });
  return [
    ...livingVms(point).map((taken) => ({ node: taken.node, uuid: taken.uuid, taken })),
    ...fresh,
  ];
}

function planMember(
  site: Site,
  point: PointFile,
  { node, uuid, taken }: Vm,
  after: string | undefined,
): VirtualMachineMember {
  return {
    node,
    resourceName: memberResourceName(point.name, node),
    uuid,
    snapshotName: snapshotName(site.stack, point.name),
    description: ownerMark({
      stack: site.stack,
      point: point.name,
      release: point.release,
      node,
    }),
    memory: point.memory,
    quiesce: point.quiesce,
    taken,
    after,
  };
}
