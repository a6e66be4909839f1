import { memberResourceName, ownerMark, snapshotName } from "./names";
import type { RestorePointPlan, VirtualMachineMember } from "./plan";
import { isLiving, vmMembers } from "./pointMembers";
import type { VmMember, RestorePointFile, Site } from "./site";
import { planVolumes } from "./volumeSnapshots";

/**
 * What each restore point registers. A cut is an event, not a desired state: members are registered only while a
 * point is being cut, and afterwards exactly those that were recorded, whatever the node list says by then.
 */
export function planRestorePoints(site: Site): readonly RestorePointPlan[] {
  const before = new Map<string, string>();
  const planned = new Map<string, readonly VirtualMachineMember[]>();
  for (const point of inTakenOrder(site.restorePoints)) {
    planned.set(
      point.name,
      vmsOf(site, point).map((vm) => {
        const member = planMember(site, point, vm, before.get(vm.uuid));
        before.set(vm.uuid, member.resourceName);
        return member;
      }),
    );
  }
  return site.restorePoints.map((point) => ({
    name: point.name,
    release: point.release,
    state: point.state,
    takenAt: point.takenAt,
    virtualMachines: planned.get(point.name) ?? [],
    intended: intendedNodes(site, point),
    ...planVolumes(site, point),
  }));
}

/**
 * Names of the nodes whose VMs a point means to take: the recorded ones once it was cut, else what the file asks for.
 * `all` takes storage and worker VMs; a control-plane VM is only taken when it is named.
 */
export function intendedNodes(site: Site, point: RestorePointFile): readonly string[] {
  if (point.takenAt !== undefined) {
    return vmMembers(point).map((member) => member.node);
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
export function livingVms(point: RestorePointFile): readonly VmMember[] {
  return vmMembers(point).filter(isLiving);
}

/** Points in the order of their cuts, those that are being cut last, in the order of the list. */
export function inTakenOrder(points: readonly RestorePointFile[]): readonly RestorePointFile[] {
  const time = (point: RestorePointFile): number =>
    point.takenAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(point.takenAt);
  // A stable sort: two points of one instant, and all that have no cut yet, keep the order of the list.
  return [...points].sort((one, two) => {
    const [first, second] = [time(one), time(two)];
    return first === second ? 0 : first - second;
  });
}

/** A VM of a point. */
export interface Vm {
  /** Kubernetes node name. */
  readonly node: string;
  readonly uuid: string;
  readonly taken: VmMember | undefined;
}

function vmsOf(site: Site, point: RestorePointFile): readonly Vm[] {
  if (point.state === "expired") {
    return [];
  }
  if (point.takenAt !== undefined) {
    return livingVms(point).map((taken) => ({ node: taken.node, uuid: taken.uuid, taken }));
  }
  return point.state === "taking" ? plannedVms(site, point) : [];
}

/**
 * VMs that a point without `takenAt` takes: those it means to take, and those that an earlier, interrupted run has
 * recorded already. A recorded one that is gone again is not taken a second time.
 */
export function plannedVms(site: Site, point: RestorePointFile): readonly Vm[] {
  const recorded = new Map(vmMembers(point).map((member) => [member.node, member]));
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
  point: RestorePointFile,
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
