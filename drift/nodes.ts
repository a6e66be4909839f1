import { fieldText, type ClusterObject } from "../clients/kubernetes/object";
import type { FieldChange } from "../engine/preview";
import { survivalOf } from "../planning";
import type { SitePlan, SurvivalTable } from "../planning/plan";
import type { NodeVirtualMachine, Site, SiteTopology } from "../planning/site";
import { NODE_FACTS, runsControlPlane } from "../planning/topology";
import type { ClusterLive, Finding, FindingKind, LiveState, LiveVm } from "./types";
import { kindKey } from "./types";

/** What the survival proof stands on is read, not believed: the nodes of the cluster. */
export const NODE = { apiVersion: "v1", kind: "Node" } as const;

/**
 * Role labels of nodes that run the control plane. kubeadm set the second one before 1.24 and some distributions do still;
 * k3s and RKE2 set the third one where etcd runs apart.
 */
const CONTROL_PLANE_LABELS = [
  "node-role.kubernetes.io/control-plane",
  "node-role.kubernetes.io/master",
  "node-role.kubernetes.io/etcd",
];

/** Taint by which an operator says that a node is down; Kubernetes then lets its volumes go. */
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export function isControlPlane({ metadata }: ClusterObject): boolean {
  return CONTROL_PLANE_LABELS.some((label) => metadata.labels?.[label] !== undefined);
}

/** `status.nodeInfo.systemUUID`, lower case; empty when the kubelet reports none. */
export function systemUuid(node: ClusterObject): string {
  return fieldText(node, "status", "nodeInfo", "systemUUID").toLowerCase();
}

/** Whether two UUIDs are one: firmware before SMBIOS 2.6 reports the first three groups with their bytes turned round. */
export function sameUuid(one: string, other: string): boolean {
  const [left, right] = [one.toLowerCase(), other.toLowerCase()];
  return left === right || turned(left) === right;
}

function turned(uuid: string): string {
  const [first = "", second = "", third = "", ...rest] = uuid.split("-");
  const bytes = (group: string): string => (group.match(/../g) ?? []).reverse().join("");
  return [bytes(first), bytes(second), bytes(third), ...rest].join("-");
}

/** Whether the node works: it reports Ready, and nobody took it out of service. */
function isReady(node: ClusterObject): boolean {
  const { conditions = [] } = (node["status"] ?? {}) as {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  const { taints = [] } = (node["spec"] ?? {}) as {
    readonly taints?: readonly { readonly key: string }[];
  };
  return (
    conditions.some(({ type, status }) => type === "Ready" && status === "True") &&
    !taints.some(({ key }) => key === OUT_OF_SERVICE)
  );
}

/**
 * Where nodes and VMs are not what the stack file says, so that the survival proof would stand on nothing. Pure; what is
 * as stated gives no finding. What nobody waived blocks a deployment; a VM on another host only differs.
 */
export function judgeNodes(site: Site, { cluster, vcenter }: LiveState): Finding[] {
  return [
    ...(cluster.state === "notNeeded"
      ? []
      : cluster.state === "unknown"
        ? [found("unknown", "nodes", cluster.why)]
        : judgeCluster(site, cluster.value)),
    ...(vcenter.state === "read" ? judgePlaces(site, vcenter.value.vms) : []),
  ];
}

function judgeCluster(site: Site, cluster: ClusterLive): Finding[] {
  const unread = cluster.unreadKinds.get(kindKey(NODE.apiVersion, NODE.kind));
  if (unread !== undefined) {
    return [found("unknown", "nodes", unread)];
  }
  return compareNodes(site, nodesOf(cluster));
}

/** Live nodes among the objects that were read. */
function nodesOf({ objects }: ClusterLive): ClusterObject[] {
  return [...objects.values()].filter(
    ({ apiVersion, kind }) => apiVersion === NODE.apiVersion && kind === NODE.kind,
  );
}

/** The same from the nodes of a LIST. */
export function compareNodes(site: Site, nodes: readonly ClusterObject[]): Finding[] {
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  return [
    ...statedNodes(site).flatMap((stated) => compareNode(site, stated, byName.get(stated.name))),
    ...compareControlPlane(site.topology, nodes),
  ].map((finding) => ({ ...finding, blocked: !isWaived(site, finding) }));
}

function isWaived({ waivers }: Site, { object }: Finding): boolean {
  return waivers.some(({ rule, subject }) => rule === NODE_FACTS && subject === object);
}

/** A node that the stack file names, with all that it says of it. */
interface StatedNode {
  readonly name: string;
  /** Sites that the file puts it in; one unless the file contradicts itself. */
  readonly site: string;
  readonly vm: NodeVirtualMachine | undefined;
}

function statedNodes({ topology, virtualMachines }: Site): StatedNode[] {
  const vms = new Map((virtualMachines?.nodes ?? []).map((vm) => [vm.name, vm]));
  const storage = topology.sites.flatMap(({ name: site, storageNodes }) =>
    storageNodes.map((name) => ({ name, site, vm: vms.get(name) })),
  );
  const named = new Set(storage.map(({ name }) => name));
  const others = [...vms.values()].filter(({ name }) => !named.has(name));
  return [...storage, ...others.map((vm) => ({ name: vm.name, site: vm.site, vm }))];
}

function compareNode(
  { topology }: Site,
  { name, site, vm }: StatedNode,
  node: ClusterObject | undefined,
): Finding[] {
  const object = `Node ${name}`;
  if (node === undefined) {
    const reason = `The stack file counts on it in site ${site}, and the cluster has no such node.`;
    return [found("missing", object, reason)];
  }
  const changes: FieldChange[] = [];
  const label = siteOf(topology, node);
  if (label !== site) {
    changes.push({ path: `metadata.labels["${topology.siteLabel}"]`, from: label, to: site });
  }
  const { converged } = topology.sites.find((one) => one.name === site) ?? {};
  // Without a VM it is one of the storage nodes.
  if (vm === undefined && isControlPlane(node) && converged === false) {
    changes.push({ path: `topology.sites[${site}].converged`, from: true, to: false });
  }
  if (vm !== undefined && runsControlPlane(vm) !== isControlPlane(node)) {
    const from = isControlPlane(node) ? "controlPlane" : "no control plane";
    changes.push({ path: "role", from, to: vm.role });
  }
  const uuid = systemUuid(node);
  if (vm !== undefined && uuid !== "" && !sameUuid(uuid, vm.uuid)) {
    changes.push({ path: "status.nodeInfo.systemUUID", from: uuid, to: vm.uuid });
  }
  return changes.length === 0 ? [] : [found("differs", object, MEND, changes)];
}

const MEND =
  "The survival proof and the VM snapshots go by the stack file: correct it there (topology, virtualMachines.nodes), or label the node.";

/** Where no node carries the role, the control plane runs elsewhere, and nothing can be counted. */
function compareControlPlane(topology: SiteTopology, nodes: readonly ClusterObject[]): Finding[] {
  const { sites } = topology;
  if (!nodes.some(isControlPlane) || sites.every((site) => site.controlPlaneNodes === 0)) {
    return [];
  }
  const live = countControlPlane(topology, nodes);
  const changes = sites.flatMap(({ name, controlPlaneNodes: to }) => {
    const from = live.get(name) ?? 0;
    return from === to ? [] : [{ path: `topology.sites[${name}].controlPlaneNodes`, from, to }];
  });
  return changes.length === 0 ? [] : [found("differs", "control plane", MEND, changes)];
}

/** Site that a node stands in by its label; with one site no label is needed. */
function siteOf(
  { siteLabel, sites }: SiteTopology,
  { metadata }: ClusterObject,
): string | undefined {
  return sites.length === 1 ? sites[0]?.name : metadata.labels?.[siteLabel];
}

function countControlPlane(
  topology: SiteTopology,
  nodes: readonly ClusterObject[],
): ReadonlyMap<string, number> {
  const live = new Map<string, number>();
  for (const node of nodes.filter(isControlPlane)) {
    const site = siteOf(topology, node) ?? "";
    live.set(site, (live.get(site) ?? 0) + 1);
  }
  return live;
}

/** Hosts and datastores that the stack file states, as vCenter shows them; what the user may not see is not compared. */
function judgePlaces({ virtualMachines }: Site, live: readonly LiveVm[]): Finding[] {
  return (virtualMachines?.nodes ?? []).flatMap((stated) => {
    const vms = live.filter(({ uuid }) => sameUuid(uuid, stated.uuid));
    const [vm] = vms;
    if (vm === undefined || vms.length > 1) {
      // Preflight says so, and no snapshot of it can be taken.
      return [];
    }
    const changes: FieldChange[] = [];
    if (stated.host !== undefined && vm.host !== undefined && vm.host !== stated.host) {
      changes.push({ path: "host", from: vm.host, to: stated.host });
    }
    const [from, to] = [vm.datastores, stated.datastores].map((names) => [...(names ?? [])].sort());
    if (stated.datastores !== undefined && vm.datastores.length > 0 && `${from}` !== `${to}`) {
      changes.push({ path: "datastores", from: from?.join(", "), to: to?.join(", ") });
    }
    return changes.length === 0
      ? []
      : [found("differs", `VM ${vm.name} of node ${stated.name}`, MEND_PLACE, changes)];
  });
}

const MEND_PLACE =
  "The survival proof goes by the stack file: correct virtualMachines.nodes there, or move the VM back and keep it there by a rule of DRS.";

function statedStorage({ sites }: SiteTopology): ReadonlySet<string> {
  return new Set(sites.flatMap(({ storageNodes }) => storageNodes));
}

/** The topology as the nodes are now: those that are there, by their labels, and work. */
function liveTopology(topology: SiteTopology, nodes: readonly ClusterObject[]): SiteTopology {
  const ready = nodes.filter(isReady);
  const stated = statedStorage(topology);
  const seen = nodes.some(isControlPlane);
  const controlPlane = countControlPlane(topology, ready);
  return {
    ...topology,
    sites: topology.sites.map((site) => ({
      ...site,
      storageNodes: ready
        .filter((node) => siteOf(topology, node) === site.name)
        .map(({ metadata }) => metadata.name)
        .filter((name) => stated.has(name))
        .sort(),
      controlPlaneNodes:
        site.controlPlaneNodes === 0 || !seen
          ? site.controlPlaneNodes
          : (controlPlane.get(site.name) ?? 0),
    })),
  };
}

/** What is survived as the nodes are now; undefined where that is what the plan says, or they were not read. */
export function survivalNow(
  { site, survival }: SitePlan,
  { cluster }: LiveState,
): SurvivalTable | undefined {
  if (
    cluster.state !== "read" ||
    cluster.value.unreadKinds.has(kindKey(NODE.apiVersion, NODE.kind))
  ) {
    return undefined;
  }
  const topology = liveTopology(site.topology, nodesOf(cluster.value));
  const now = survivalOf({ ...site, topology });
  return now.summary === survival.summary ? undefined : now;
}

/** Names of stated storage nodes that are there and do not work. */
export function notReady(topology: SiteTopology, nodes: readonly ClusterObject[]): string[] {
  const stated = statedStorage(topology);
  return nodes
    .filter((node) => !isReady(node) && (stated.has(node.metadata.name) || isControlPlane(node)))
    .map(({ metadata }) => metadata.name)
    .sort();
}

/** A finding about what no resource of the stack declares. */
function found(
  kind: FindingKind,
  object: string,
  reason: string,
  changes: readonly FieldChange[] = [],
): Finding {
  return { kind, urn: "", type: "", object, changes, reason, command: undefined, id: undefined };
}
