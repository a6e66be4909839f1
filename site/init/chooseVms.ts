import type { NodeVirtualMachine, SiteTopology } from "../../planning/site";
import type { Vm } from "../../clients/vcenter/vms";
import { siteOf } from "./chooseSites";
import type { ObservedNode, ObservedVcenter } from "./observe";
import type { Refusal } from "./refusal";

/**
 * The nodes as VMs; `verified` when a vCenter was asked and has each of them once. Hosts and datastores are those that
 * it shows, and left out where it does not show them for every node: on half of them no verdict can stand.
 */
export interface ChosenVms {
  readonly verified: boolean;
  readonly nodes: readonly NodeVirtualMachine[];
}

/**
 * Finds each node's VM by the UUID that its firmware reports (`systemUUID`), never by name: names are changed, and
 * clones keep them.
 */
export function chooseVms(
  nodes: readonly ObservedNode[],
  { siteLabel, sites }: SiteTopology,
  vcenter: ObservedVcenter | undefined,
): ChosenVms | readonly Refusal[] {
  const storage = new Set(sites.flatMap(({ storageNodes }) => storageNodes));
  const refusals: Refusal[] = [];
  const found: { readonly node: ObservedNode; readonly vm: Found }[] = [];
  for (const node of nodes) {
    const vm = findVm(node, vcenter);
    if ("key" in vm) {
      refusals.push(vm);
    } else {
      found.push({ node, vm });
    }
  }
  if (refusals.length > 0) {
    return refusals;
  }
  const hosts = found.every(({ vm }) => vm.host !== undefined);
  const datastores = found.every(({ vm }) => vm.datastores.length > 0);
  return {
    verified: vcenter !== undefined,
    nodes: found.map(({ node, vm }) => ({
      name: node.name,
      uuid: vm.uuid,
      role: node.controlPlane ? "controlPlane" : storage.has(node.name) ? "storage" : "worker",
      site: siteOf(node, siteLabel),
      host: hosts ? vm.host : undefined,
      datastores: datastores ? vm.datastores : undefined,
    })),
  };
}

type Found = Pick<Vm, "uuid" | "host" | "datastores">;

function findVm(
  { name, systemUuid }: ObservedNode,
  vcenter: ObservedVcenter | undefined,
): Found | Refusal {
  const refuse = (found: string, remedy: string): Refusal => ({
    key: "virtualMachines.nodes",
    found,
    remedy,
  });
  if (vcenter === undefined) {
    return { uuid: systemUuid, host: undefined, datastores: [] };
  }
  const vms = vcenter.vms.filter(({ template }) => !template);
  const having = (uuid: string): Vm[] => vms.filter((vm) => vm.uuid === uuid);
  const direct = having(systemUuid);
  // Older virtual hardware shows the first three groups in the other byte order.
  const matches = direct.length > 0 ? direct : having(swapped(systemUuid));
  const [vm, ...others] = matches;
  if (vm === undefined) {
    return refuse(
      `node ${name} reports the system UUID ${systemUuid === "" ? "(none)" : systemUuid}, and no VM of vCenter ` +
        `${vcenter.server} that ${vcenter.user} may see has it.`,
      "Name the vCenter that runs the nodes, with a user who may see them; or leave --vcenter out.",
    );
  }
  if (others.length > 0) {
    const all = matches.map((one) => `${one.name} (${one.reference})`).join(", ");
    return refuse(
      `the system UUID ${systemUuid} of node ${name} belongs to ${all}.`,
      "Give the clone another BIOS UUID.",
    );
  }
  return vm;
}

/** `00112233-4455-6677-…` as `33221100-5544-7766-…`. */
export function swapped(uuid: string): string {
  const [first = "", second = "", third = "", ...rest] = uuid.split("-");
  const turned = [first, second, third].map((group) =>
    (group.match(/../g) ?? []).reverse().join(""),
  );
  return [...turned, ...rest].join("-");
}
