import type { ClassPlan, VirtualMachineMember } from "../../planning/plan";
import { vmMember } from "./points";
import { classSpec } from "./sites";

/** A class as LINSTOR's would be planned, with two copies in two sites. */
export function classPlan(changes: Partial<ClassPlan> = {}): ClassPlan {
  return {
    spec: classSpec(),
    provisioner: "linstor.csi.linbit.com",
    parameters: { autoPlace: "2" },
    allowedTopologies: undefined,
    volumeBindingMode: "WaitForFirstConsumer",
    mountOptions: [],
    ...changes,
  };
}

/** The snapshot of node a-1's VM in the point `before-24.1`, not cut yet. */
export function member(changes: Partial<VirtualMachineMember> = {}): VirtualMachineMember {
  return {
    node: "a-1",
    resourceName: "before-24.1-vm-a-1",
    uuid: "42300000-0000-4000-8000-00000000000a",
    snapshotName: "atom.test.before-24.1",
    description: "Owned by a test",
    memory: false,
    quiesce: false,
    taken: undefined,
    after: undefined,
    ...changes,
  };
}

/** The same, as the point's file records it after the cut. */
export function takenMember(
  handle: string,
  changes: Partial<VirtualMachineMember> = {},
): VirtualMachineMember {
  const plan = member(changes);
  return {
    ...plan,
    taken: vmMember(plan.node, handle, plan.uuid),
  };
}
