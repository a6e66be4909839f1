import type { Vm } from "../../clients/vcenter/vms";
import { sameUuid } from "../../drift/node";
import type { NodeVirtualMachine, SiteTopology } from "../../planning/site";
import { listed } from "../../planning/words";
import { siteOf } from "./chooseSites";
import type { ObservedNode, ObservedVcenter } from "./observe";
import type { Refusal } from "./refusal";

/** The node VMs, and nodes that are none: bare metal beside VMs. */
export interface ChosenVms {
  readonly nodes: readonly NodeVirtualMachine[];
  readonly leftOut: readonly string[];
}

/**
 * Finds each node's VM by the UUID that its firmware reports (`systemUUID`), never by name: names are changed, and
 * clones keep them. Hosts and datastores are left out where vCenter does not show them for every node: on half of them
 * no verdict can stand.
 */
export function chooseVms(
  nodes: readonly ObservedNode[],
  topology: SiteTopology,
  vcenter: ObservedVcenter,
): ChosenVms | readonly Refusal[] {
  const placed = nodes.filter((node) => siteOf(node, topology) !== undefined);
  const found = placed.map((node) => ({
    node,
    matches: vcenter.vms.filter(({ uuid }) => sameUuid(uuid, node.systemUuid)),
    twins: placed.filter(({ systemUuid }) => sameUuid(systemUuid, node.systemUuid)),
  }));
  const refusals = found.flatMap(({ node, matches, twins }) => refusalsOf(node, matches, twins));
  const vms = found.flatMap(({ node, matches: [vm] }) => (vm === undefined ? [] : [{ node, vm }]));
  if (vms.length === 0) {
    return [...refusals, noVm(placed, vcenter)];
  }
  if (refusals.length > 0) {
    return refusals;
  }
  const hosts = vms.every(({ vm }) => vm.host !== undefined);
  const datastores = vms.every(({ vm }) => vm.datastores.length > 0);
  return {
    nodes: vms.map(({ node, vm }) => ({
      name: node.name,
      uuid: vm.uuid,
      role: roleOf(node, topology),
      site: siteOf(node, topology) ?? "",
      ...(hosts ? { host: vm.host } : {}),
      ...(datastores ? { datastores: vm.datastores } : {}),
    })),
    leftOut: found.filter(({ matches }) => matches.length === 0).map(({ node }) => node.name),
  };
}

function roleOf(
  { name, controlPlane }: ObservedNode,
  { sites }: SiteTopology,
): NodeVirtualMachine["role"] {
  const holds = sites.some(
    ({ role, storageNodes }) => role === "data" && storageNodes.includes(name),
  );
  return controlPlane ? (holds ? "converged" : "controlPlane") : holds ? "storage" : "worker";
}

function refusalsOf(
  { name, systemUuid }: ObservedNode,
  matches: readonly Vm[],
  twins: readonly ObservedNode[],
): readonly Refusal[] {
  const refuse = (owners: readonly string[], remedy: string): readonly Refusal[] => {
    const found = `the system UUID ${systemUuid} of node ${name} belongs to ${owners.join(", ")}.`;
    return owners.length < 1 ? [] : [{ key: "virtualMachines.nodes", found, remedy }];
  };
  const clones = matches.length > 1 ? matches : [];
  const isFirst = matches.length > 0 && twins[0]?.name === name;
  return [
    ...refuse(
      clones.map((one) => `${one.name} (${one.reference})`),
      "Give the clone another BIOS UUID.",
    ),
    ...refuse(
      (isFirst ? twins.slice(1) : []).map((one) => `node ${one.name} as well`),
      "Give each VM a BIOS UUID of its own.",
    ),
  ];
}

function noVm(nodes: readonly ObservedNode[], { server, user }: ObservedVcenter): Refusal {
  const reported = nodes.map(({ name, systemUuid }) => `${name} ${systemUuid || "(none)"}`);
  return {
    key: "virtualMachines.nodes",
    found: `no VM of vCenter ${server} that ${user} may see has the system UUID of a node: ${listed(reported)}.`,
    remedy:
      "Name the vCenter that runs the nodes, with a user who may see them; or leave --vcenter out.",
  };
}
