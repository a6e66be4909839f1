import type { ClusterObject } from "../clients/kubernetes/object";
import type { FieldChange } from "../engine/preview";
import { survivalOf } from "../planning";
import type { SitePlan, SurvivalTable } from "../planning/plan";
import { findWaiver } from "../planning/problem";
import type { NodeVirtualMachine, Site, SiteTopology } from "../planning/site";
import { NODE_FACTS, runsControlPlane } from "../planning/topology";
import { countBy } from "../planning/words";
import {
  isControlPlane,
  isReady,
  judgeReady,
  lookupByUuid,
  NODE,
  sameUuid,
  systemUuid,
} from "./node";
import { type Finding, found, kindKey, type LiveState, type LiveVm } from "./types";

/**
 * Where nodes and VMs are not what the stack file says, so that the survival proof would stand on nothing. Pure; what is
 * as stated gives no finding. What nobody waived blocks a deployment; a VM on another host only differs.
 */
export function judgeNodes(site: Site, { cluster, vcenter }: LiveState): Finding[] {
  const nodes = nodesOf(cluster);
  return [
    ...(nodes === undefined
      ? []
      : typeof nodes === "string"
        ? [found("unknown", "nodes", nodes)]
        : compareNodes(site, nodes)),
    ...(vcenter.state === "read" ? judgePlaces(site, vcenter.value.vms) : []),
  ];
}

/** Live nodes among the objects that were read; why they were not; undefined where nobody had to read them. */
function nodesOf(cluster: LiveState["cluster"]): readonly ClusterObject[] | string | undefined {
  if (cluster.state !== "read") {
    return cluster.state === "unknown" ? cluster.why : undefined;
  }
  const { apiVersion, kind } = NODE;
  const { objects, unreadKinds } = cluster.value;
  const nodes = [...objects.values()].filter(
    (object) => object.apiVersion === apiVersion && object.kind === kind,
  );
  return unreadKinds.get(kindKey(apiVersion, kind)) ?? nodes;
}

/** The same from the nodes of a LIST. */
export function compareNodes(site: Site, nodes: readonly ClusterObject[]): Finding[] {
  const byName = new Map(nodes.map((node) => [node.metadata.name, node]));
  return [
    ...statedNodes(site).flatMap((stated) => compareNode(site, stated, byName.get(stated.name))),
    ...compareControlPlane(site.topology, nodes),
  ].map((finding) => ({
    ...finding,
    blocked: findWaiver(site, NODE_FACTS, [finding.object]) === undefined,
  }));
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

/**
 * Whether the stack file counts control-plane nodes and no node carries their role: the control plane runs elsewhere, or
 * its only node is gone.
 */
export function isControlPlaneUnseen({ topology }: Site, { cluster }: LiveState): boolean {
  const nodes = nodesOf(cluster);
  return typeof nodes === "object" && isCounted(topology) && !nodes.some(isControlPlane);
}

function isCounted({ sites }: SiteTopology): boolean {
  return sites.some(({ controlPlaneNodes }) => controlPlaneNodes > 0);
}

function compareControlPlane(topology: SiteTopology, nodes: readonly ClusterObject[]): Finding[] {
  const { sites } = topology;
  if (!isCounted(topology) || !nodes.some(isControlPlane)) {
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
  return countBy(nodes.filter(isControlPlane).map((node) => siteOf(topology, node) ?? ""));
}

/** Hosts and datastores that the stack file states, as vCenter shows them; what the user may not see is not compared. */
function judgePlaces({ virtualMachines }: Site, live: readonly LiveVm[]): Finding[] {
  const of = lookupByUuid(live);
  return (virtualMachines?.nodes ?? []).flatMap((stated) => {
    const [vm, other] = of(stated.uuid);
    if (vm === undefined || other !== undefined) {
      // `judgeMachines` and preflight say so, and no snapshot of it can be taken.
      return [];
    }
    const names = (list: readonly string[]): string => [...list].sort().join(", ");
    const changes = [
      { path: "host", from: vm.host, to: stated.host },
      {
        path: "datastores",
        from: vm.datastores.length === 0 ? undefined : names(vm.datastores),
        to: stated.datastores && names(stated.datastores),
      },
    ].filter(({ from, to }) => from !== undefined && to !== undefined && from !== to);
    const object = `VM ${vm.name} of node ${stated.name}`;
    return changes.length === 0 ? [] : [found("differs", object, MEND_PLACE, changes)];
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
  const nodes = nodesOf(cluster);
  if (nodes === undefined || typeof nodes === "string") {
    return undefined;
  }
  const topology = liveTopology(site.topology, nodes);
  const now = survivalOf({ ...site, topology });
  return now.summary === survival.summary ? undefined : now;
}

/** Nodes that the stack file counts on, by name or number, that are there and do not work. */
export function notReady(site: Site, nodes: readonly ClusterObject[]): ClusterObject[] {
  const stated = new Set(statedNodes(site).map(({ name }) => name));
  return nodes.filter(
    (node) => !isReady(node) && (stated.has(node.metadata.name) || isControlPlane(node)),
  );
}

/** Nodes that have not worked for long, while the promise of what is survived counts on them. Pure; blocks nothing. */
export function judgeDown(site: Site, { cluster }: LiveState, now: Date): Finding[] {
  const nodes = nodesOf(cluster);
  return typeof nodes === "object"
    ? notReady(site, nodes).flatMap((node) => judgeReady(node, now))
    : [];
}
