import type { Loss, MachineLost, MachinesLost, TopologyPlan } from "../plan";
import type { NodeVirtualMachine } from "../site";
import { controlPlaneNodes } from "./controlPlane";

/** Every loss of an ESXi host and of a datastore that the node VMs name, in the order in which they first do. */
export function machineLosses(
  topology: TopologyPlan,
  machines: readonly NodeVirtualMachine[],
): readonly Loss[] {
  const stated = controlPlaneNodes(topology);
  const known = machines.filter(({ role }) => role === "controlPlane").length;
  const common = (found: readonly MachineLost[]): MachinesLost => ({
    machines: found,
    controlPlaneNodes: stated === 0 ? known : stated,
    all: found.length === machines.length,
  });
  const hosts = grouped(machines, ({ host }) => (host === undefined ? [] : [host]));
  const datastores = grouped(machines, ({ datastores: names }) => names ?? []);
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
  machines: readonly NodeVirtualMachine[],
  keysOf: (machine: NodeVirtualMachine) => readonly string[],
): ReadonlyMap<string, readonly MachineLost[]> {
  const found = new Map<string, MachineLost[]>();
  for (const machine of machines) {
    const { name, site, role } = machine;
    for (const key of new Set(keysOf(machine))) {
      found.set(key, [...(found.get(key) ?? []), { name, site, role }]);
    }
  }
  return found;
}
