import type { Loss, VmLost, VmsLost, TopologyPlan } from "../plan";
import type { NodeVirtualMachine } from "../site";
import { controlPlaneNodes, runsControlPlane } from "../topology";

/** Every loss of an ESXi host and of a datastore that the node VMs name, in the order in which they first do. */
export function vmLosses(
  topology: TopologyPlan,
  vms: readonly NodeVirtualMachine[],
): readonly Loss[] {
  const stated = controlPlaneNodes(topology);
  const known = vms.filter(runsControlPlane).length;
  const common = (found: readonly VmLost[]): VmsLost => ({
    vms: found,
    controlPlaneNodes: stated === 0 ? known : stated,
    all: found.length === vms.length,
  });
  const hosts = grouped(vms, ({ host }) => (host === undefined ? [] : [host]));
  const datastores = grouped(vms, ({ datastores: names }) => names ?? []);
  return [
    ...[...hosts].map(([host, found]): Loss => ({ kind: "host", host, ...common(found) })),
    ...[...datastores].map(([datastore, found]): Loss => ({
      kind: "datastore",
      datastore,
      ...common(found),
    })),
  ];
}

function grouped(
  vms: readonly NodeVirtualMachine[],
  keysOf: (vm: NodeVirtualMachine) => readonly string[],
): ReadonlyMap<string, readonly VmLost[]> {
  const found = new Map<string, VmLost[]>();
  for (const vm of vms) {
    const { name, site, role } = vm;
    for (const key of new Set(keysOf(vm))) {
      found.set(key, [...(found.get(key) ?? []), { name, site, role }]);
    }
  }
  return found;
}
