import type { Problem } from "../../planning/problem";
import type { NodeVirtualMachine, Site } from "../../planning/site";
import { listed } from "../../planning/words";
import { nearest } from "../nearest";
import { twice } from "./lists";

/**
 * What form alone cannot say and planning does not ask: names that must differ, and node VMs that contradict the
 * topology. May be called on a site with substituted values; an empty name is a substitute and never counts.
 */
export function siteProblems(site: Site): readonly Problem[] {
  const nodes = site.virtualMachines?.nodes ?? [];
  return [
    ...twice("product.namespaces", "", site.product.namespaces),
    ...twice("classes", ".name", names(site.classes)),
    ...defaultClasses(site),
    ...port(site),
    ...twice("virtualMachines.nodes", ".name", names(nodes)),
    ...twice(
      "virtualMachines.nodes",
      ".uuid",
      nodes.map((node) => node.uuid),
    ),
    ...partlyStated(nodes, "host", "the ESXi host that it runs on", (node) => node.host),
    ...partlyStated(
      nodes,
      "datastores",
      "the datastores that hold its disks",
      (node) => node.datastores,
    ),
    ...nodes.flatMap((node, position) =>
      twice(`virtualMachines.nodes[${position}].datastores`, "", node.datastores ?? []),
    ),
    ...nodes.flatMap((node, position) => vm(site, node, `virtualMachines.nodes[${position}]`)),
  ];
}

function names(list: readonly { readonly name: string }[]): readonly string[] {
  return list.map((entry) => entry.name);
}

function defaultClasses({ classes }: Site): readonly Problem[] {
  const positions = classes.flatMap((spec, position) => (spec.default ? [position] : []));
  return positions.slice(1).map((position) => ({
    path: `classes[${position}].default`,
    value: "true",
    message: `makes a second default class beside classes[${positions[0] ?? 0}]; the cluster would use the one created last`,
    allowed: "Set default: true on one class only",
  }));
}

function port({ virtualMachines }: Site): readonly Problem[] {
  const text = /:(\d+)$/.exec(virtualMachines?.server ?? "")?.[1];
  return text === undefined || (Number(text) >= 1 && Number(text) <= 65_535)
    ? []
    : [
        {
          path: "virtualMachines.server",
          value: JSON.stringify(virtualMachines?.server),
          message: "has a port that does not exist",
          allowed: "Allowed: ports from 1 to 65535",
        },
      ];
}

/**
 * What is stated of some node VMs and not of others: a VM that is left out may share its host with any other, and a
 * verdict on half of the VMs would be taken for one on all.
 */
function partlyStated(
  nodes: readonly NodeVirtualMachine[],
  key: "host" | "datastores",
  what: string,
  read: (node: NodeVirtualMachine) => unknown,
): readonly Problem[] {
  const lacking = nodes.flatMap((node, position) =>
    read(node) === undefined ? [{ node, position }] : [],
  );
  const [first] = lacking;
  if (first === undefined || lacking.length === nodes.length) {
    return [];
  }
  const stated = nodes.length - lacking.length;
  const without =
    lacking.length <= NAMED
      ? listed(lacking.map(({ node }) => node.name))
      : `${lacking.length} nodes, the first of them ${first.node.name}`;
  return [
    {
      path: `virtualMachines.nodes[${first.position}].${key}`,
      value: undefined,
      message: `is stated of ${stated} of ${nodes.length} nodes and not of ${without}; a loss would be judged by half of the VMs`,
      allowed: `Write ${what} for every node, or ${key} for none`,
    },
  ];
}

/** Nodes that a problem names; more are counted. */
const NAMED = 6;

function vm(site: Site, node: NodeVirtualMachine, path: string): readonly Problem[] {
  const sites = names(site.topology.sites);
  if (node.name === "" || node.site === "") {
    return [];
  }
  if (!sites.includes(node.site)) {
    const meant = nearest(node.site, sites);
    return [
      {
        path: `${path}.site`,
        value: JSON.stringify(node.site),
        message: "is no site of topology.sites",
        allowed: `${meant === undefined ? "" : `Did you mean ${meant}? `}Sites: ${sites.join(", ")}`,
      },
    ];
  }
  return [...otherSite(site, node, path), ...otherRole(site, node, path)];
}

function otherSite(site: Site, node: NodeVirtualMachine, path: string): readonly Problem[] {
  const home = site.topology.sites.find((one) => one.storageNodes.includes(node.name));
  return home === undefined || home.name === node.site
    ? []
    : [
        {
          path: `${path}.site`,
          value: JSON.stringify(node.site),
          message: `is not the site that lists ${node.name} among its storage nodes`,
          allowed: `Write site: ${home.name}, or list the node in ${node.site}`,
        },
      ];
}

/** A VM whose role is wrong could be taken with memory, or a storage node be left out of what guards storage nodes. */
function otherRole(site: Site, node: NodeVirtualMachine, path: string): readonly Problem[] {
  const position = site.topology.sites.findIndex((one) => one.name === node.site);
  const home = site.topology.sites[position];
  const listed = home?.storageNodes.includes(node.name) ?? false;
  if (home?.role !== "data" || listed === (node.role === "storage")) {
    return [];
  }
  return [
    {
      path: `${path}.role`,
      value: JSON.stringify(node.role),
      message: listed
        ? `cannot be: topology.sites[${position}].storageNodes lists ${node.name}`
        : `cannot be: topology.sites[${position}].storageNodes does not list ${node.name}`,
      allowed: listed
        ? "Write role: storage"
        : `Write another role, or add ${node.name} to the storage nodes of ${home.name}`,
    },
  ];
}
