import type { NodeVirtualMachine, SiteTopology } from "../../planning/site";
import type { Machine } from "../../clients/vcenter/machines";
import { siteOf } from "./chooseSites";
import type { ObservedNode, ObservedVcenter } from "./observe";
import type { Refusal } from "./refusal";

/**
 * The nodes as VMs; `verified` when a vCenter was asked and has each of them once. Hosts and datastores are those that
 * it shows, and left out where it does not show them for every node: on half of them no verdict can stand.
 */
export interface ChosenMachines {
  readonly verified: boolean;
  readonly nodes: readonly NodeVirtualMachine[];
}

/**
 * Finds each node's VM by the UUID that its firmware reports (`systemUUID`), never by name: names are changed, and
 * clones keep them.
 */
export function chooseMachines(
  nodes: readonly ObservedNode[],
  { siteLabel, sites }: SiteTopology,
  vcenter: ObservedVcenter | undefined,
): ChosenMachines | readonly Refusal[] {
  const storage = new Set(sites.flatMap(({ storageNodes }) => storageNodes));
  const refusals: Refusal[] = [];
  const found: { readonly node: ObservedNode; readonly machine: Found }[] = [];
  for (const node of nodes) {
    const machine = findMachine(node, vcenter);
    if ("key" in machine) {
      refusals.push(machine);
    } else {
      found.push({ node, machine });
    }
  }
  if (refusals.length > 0) {
    return refusals;
  }
  const hosts = found.every(({ machine }) => machine.host !== undefined);
  const datastores = found.every(({ machine }) => machine.datastores.length > 0);
  return {
    verified: vcenter !== undefined,
    nodes: found.map(({ node, machine }) => ({
      name: node.name,
      uuid: machine.uuid,
      role: node.controlPlane ? "controlPlane" : storage.has(node.name) ? "storage" : "worker",
      site: siteOf(node, siteLabel),
      host: hosts ? machine.host : undefined,
      datastores: datastores ? machine.datastores : undefined,
    })),
  };
}

type Found = Pick<Machine, "uuid" | "host" | "datastores">;

function findMachine(
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
  const machines = vcenter.machines.filter(({ template }) => !template);
  const having = (uuid: string): Machine[] => machines.filter((machine) => machine.uuid === uuid);
  const direct = having(systemUuid);
  // Older virtual hardware shows the first three groups in the other byte order.
  const matches = direct.length > 0 ? direct : having(swapped(systemUuid));
  const [machine, ...others] = matches;
  if (machine === undefined) {
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
  return machine;
}

/** `00112233-4455-6677-…` as `33221100-5544-7766-…`. */
export function swapped(uuid: string): string {
  const [first = "", second = "", third = "", ...rest] = uuid.split("-");
  const turned = [first, second, third].map((group) =>
    (group.match(/../g) ?? []).reverse().join(""),
  );
  return [...turned, ...rest].join("-");
}
