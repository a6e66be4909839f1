import { brokenRules, firstBroken, type Problem, type Rule } from "../planning/problem";
import type { NodeVirtualMachine, Site } from "../planning/site";
import { holdsReplicas } from "../planning/topology";
import { listed } from "../planning/words";
import { nearest } from "./nearest";

/**
 * What form alone cannot say and planning does not ask: names that must differ, and node VMs that contradict the
 * topology. May be called on a site with substituted values; an empty name is a substitute and never counts.
 */
export function siteProblems(site: Site): readonly Problem[] {
  const nodes = site.virtualMachines?.nodes ?? [];
  const path = "virtualMachines.nodes";
  return brokenRules(site, [
    ...twice("product.namespaces", "", site.product.namespaces),
    ...twice("classes", ".name", names(site.classes)),
    ...twice("windows", ".name", names(site.windows)),
    ...twice("schedules", ".name", names(site.schedules)),
    ...defaultClasses(site),
    port(site),
    ...twice(path, ".name", names(nodes)),
    ...twice(
      path,
      ".uuid",
      nodes.map((node) => node.uuid),
    ),
    partlyStated(nodes, "host", "the ESXi host that it runs on"),
    partlyStated(nodes, "datastores", "the datastores that hold its disks"),
    ...nodes.flatMap((node, position) =>
      twice(`${path}[${position}].datastores`, "", node.datastores ?? []),
    ),
    ...nodes.flatMap((node, position) => vmRules(site, node, `${path}[${position}]`)),
  ]);
}

function names(list: readonly { readonly name: string }[]): readonly string[] {
  return list.map((entry) => entry.name);
}

/**
 * Entries of a list that say what an earlier entry says already. Empty texts are substitutes and never count.
 *
 * @param suffix - Key of the entry that must differ, e.g. `.name`; empty where the entry itself must.
 */
function twice(list: string, suffix: string, values: readonly string[]): readonly Rule[] {
  const first = new Map<string, number>();
  return values.map((value, position) => {
    const earlier = first.get(value) ?? position;
    first.set(value, earlier);
    return [
      value !== "" && earlier < position,
      `${list}[${position}]${suffix}`,
      `is that of ${list}[${earlier}] already`,
      "each once",
    ];
  });
}

function defaultClasses({ classes }: Site): readonly Rule[] {
  const first = classes.findIndex((spec) => spec.default);
  return classes.map((spec, position) => [
    spec.default && position > first,
    `classes[${position}].default`,
    `makes a second default class beside classes[${first}]; the cluster would use the one created last`,
    "Set default: true on one class only",
  ]);
}

function port({ virtualMachines }: Site): Rule {
  const text = /:(\d+)$/.exec(virtualMachines?.server ?? "")?.[1];
  return [
    text !== undefined && (Number(text) < 1 || Number(text) > 65_535),
    "virtualMachines.server",
    "has a port that does not exist",
    "ports from 1 to 65535",
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
): Rule {
  const lacking = nodes.filter((node) => node[key] === undefined);
  const first = nodes.findIndex((node) => node[key] === undefined);
  const without =
    lacking.length <= NAMED
      ? listed(names(lacking))
      : `${lacking.length} nodes, the first of them ${String(lacking[0]?.name)}`;
  return [
    lacking.length > 0 && lacking.length < nodes.length,
    `virtualMachines.nodes[${first}].${key}`,
    `is stated of ${nodes.length - lacking.length} of ${nodes.length} nodes and not of ${without}; a loss would be judged by half of the VMs`,
    `Write ${what} for every node, or ${key} for none`,
  ];
}

/** Nodes that a problem names; more are counted. */
const NAMED = 6;

function vmRules({ topology }: Site, node: NodeVirtualMachine, path: string): readonly Rule[] {
  const sites = names(topology.sites);
  if (node.name === "" || node.site === "") {
    return [];
  }
  const meant = nearest(node.site, sites);
  const home = topology.sites.find((one) => one.storageNodes.includes(node.name));
  const position = sites.indexOf(node.site);
  const own = topology.sites[position];
  const isListed = own?.storageNodes.includes(node.name) ?? false;
  return [
    ...firstBroken([
      [
        own === undefined,
        `${path}.site`,
        "is no site of topology.sites",
        `${meant === undefined ? "" : `Did you mean ${meant}? `}Sites: ${sites.join(", ")}`,
      ],
      [
        home !== undefined && home.name !== node.site,
        `${path}.site`,
        `is not the site that lists ${node.name} among its storage nodes`,
        `Write site: ${String(home?.name)}, or list the node in ${node.site}`,
      ],
    ]),
    // A VM whose role is wrong could be taken with memory, or a storage node be left out of what guards storage nodes.
    [
      own?.role === "data" && isListed !== holdsReplicas(node),
      `${path}.role`,
      `cannot be: topology.sites[${position}].storageNodes ${isListed ? "lists" : "does not list"} ${node.name}`,
      isListed
        ? `Write role: ${node.role === "controlPlane" ? "converged" : "storage"}`
        : `Write another role, or add ${node.name} to the storage nodes of ${String(own?.name)}`,
    ],
    [
      node.role === "converged" && own?.converged === false,
      `topology.sites[${position}].converged`,
      `is false, and ${node.name} is a control-plane and a storage node, so that a lost node takes a vote of etcd with it`,
      "Write converged: true",
    ],
  ];
}
