import { volumeDisks } from "../clients/vcenter/hardware";
import type { Vm, VmSnapshot } from "../clients/vcenter/vms";
import { parseOwnerMark } from "../planning/names";
import type { NodeVirtualMachine, Site } from "../planning/site";
import { holdsReplicas, runsControlPlane } from "../planning/topology";
import { listed } from "../planning/words";
import { heldBy } from "./heldVolumes";
import { type Lookup, lookupByUuid } from "./node";
import { type Finding, found, judged } from "./types";

/**
 * Where node VMs and the trees of their snapshots are not what restore points and fail-over stand on. Pure; whether the
 * snapshots of a point are there is said by `judgeSnapshot`, where a VM should stand by `judgePlaces`.
 */
export function judgeMachines(site: Site, vms: readonly Vm[]): Finding[] {
  const nodes = site.virtualMachines?.nodes ?? [];
  const of = lookupByUuid(vms);
  return [
    ...nodes.flatMap((node) =>
      judged(`VM of node ${node.name}`, judgeMachine(site, node, of(node.uuid))),
    ),
    ...judgeApart(nodes, of),
  ];
}

function judgeMachine(site: Site, node: NodeVirtualMachine, vms: readonly Vm[]): Finding[] {
  const object = `VM of node ${node.name}`;
  const [vm] = vms;
  if (vm === undefined) {
    const reason = `No VM in vCenter has the UUID ${node.uuid}: bring it back, or correct virtualMachines.nodes in the stack file.`;
    return [found("missing", object, reason)];
  }
  if (vms.length > 1) {
    const names = vms.map(({ name, reference }) => `${name} (${reference})`);
    const reason = `The UUID ${node.uuid} belongs to ${listed(names)}, so that it is not known which is the node: give the clone another BIOS UUID.`;
    return [found("foreign", object, reason)];
  }
  return [
    ...judgeConsolidation(object, vm),
    ...judgeDepth(object, site.virtualMachines?.maxDepth ?? 0, vm),
    ...judgeHeld(object, node.name, vm),
    ...foreignChildren(site.stack, vm),
  ];
}

function judgeConsolidation(object: string, { name, consolidationNeeded }: Vm): Finding[] {
  if (consolidationNeeded === false) {
    return [];
  }
  const mend = "consolidate its disks in vCenter (Snapshots, Consolidate).";
  return consolidationNeeded === undefined
    ? [
        found(
          "unknown",
          object,
          `vCenter does not say whether ${name} needs consolidation; its host may be disconnected.`,
        ),
      ]
    : [
        found(
          "differs",
          object,
          `Files of removed snapshots are still in its chain, where nothing counts them, and no restore point can be taken: ${mend}`,
          [{ path: "runtime.consolidationNeeded", from: true, to: false }],
        ),
      ];
}

function judgeDepth(object: string, limit: number, { snapshots }: Vm): Finding[] {
  const depth = deepest(snapshots);
  return depth <= limit
    ? []
    : [
        found(
          "differs",
          object,
          `Each snapshot in the chain (${listed(snapshots.map(({ name }) => name))}) slows every read, and no restore point ` +
            "can be taken: expire an older one, or remove the snapshots of others in vCenter.",
          [{ path: "snapshots in a chain", from: depth, to: limit }],
        ),
      ];
}

function judgeHeld(object: string, node: string, vm: Vm): Finding[] {
  if (vm.snapshots.length === 0) {
    return [];
  }
  if (vm.hardware === undefined) {
    const reason = `The devices of ${vm.name} cannot be read, so it is not known whether its snapshots hold volumes.`;
    return [found("unknown", object, reason)];
  }
  const volumes = volumeDisks(vm.hardware);
  const labels = volumes.map(({ label }) => label);
  return volumes.length === 0
    ? []
    : [
        found("differs", object, `${heldBy(node, vm)}.`, [
          { path: "attached volumes", from: listed(labels), to: undefined },
        ]),
      ];
}

/** Snapshots of others below ours: ours cannot be removed before them, and a revert to ours would leave them behind. */
function foreignChildren(stack: string, vm: Vm): Finding[] {
  const isOurs = ({ description }: VmSnapshot): boolean =>
    parseOwnerMark(description)?.stack === stack;
  const below = new Map<string, VmSnapshot>();
  return vm.snapshots.flatMap((snapshot) => {
    const parent = vm.snapshots.find(({ reference }) => reference === snapshot.parent);
    const root = parent && isOurs(parent) ? parent : parent && below.get(snapshot.parent ?? "");
    if (root === undefined) {
      return [];
    }
    below.set(snapshot.reference, root);
    return isOurs(snapshot)
      ? []
      : [
          found(
            "foreign",
            `VM snapshot ${snapshot.name} of ${vm.name}`,
            `Somebody took it (${snapshot.reference}, ${snapshot.createdAt}) on top of ${root.name}, which is neither removed nor ` +
              "reverted to safely while it is there: have its owner remove it.",
          ),
        ];
  });
}

/** Snapshots in the longest chain; each makes every read of the disks slower. */
export function deepest(snapshots: readonly VmSnapshot[]): number {
  const depths = new Map<string, number>();
  for (const { reference, parent } of snapshots) {
    depths.set(reference, (parent === undefined ? 0 : (depths.get(parent) ?? 0)) + 1);
  }
  return Math.max(0, ...depths.values());
}

const ROLES = [
  ["storage", holdsReplicas],
  ["control-plane", runsControlPlane],
] as const;

/**
 * VMs of one role that share a host or a datastore, of which the stack file says nothing: the survival proof does not count
 * its loss. What the file states is counted there, and where it is not true `judgePlaces` says so.
 */
function judgeApart(nodes: readonly NodeVirtualMachine[], of: Lookup<Vm>): Finding[] {
  return ROLES.flatMap(([role, has]) => {
    const mates = nodes.filter(has);
    return [
      ...shared(mates, (node) => {
        const host = of(node.uuid)[0]?.host;
        return { places: host === undefined ? [] : [host], isStated: node.host !== undefined };
      }).map(([host, names]) => apart(`${role} VMs on host ${host}`, names, "host")),
      ...shared(mates, (node) => ({
        places: of(node.uuid)[0]?.datastores ?? [],
        isStated: node.datastores !== undefined,
      })).map(([store, names]) => apart(`${role} VMs on datastore ${store}`, names, "datastores")),
    ];
  });
}

interface Places {
  readonly places: readonly string[];
  readonly isStated: boolean;
}

/** Places with several nodes, of which at least one is not stated to be there. */
function shared(
  nodes: readonly NodeVirtualMachine[],
  placesOf: (node: NodeVirtualMachine) => Places,
): [place: string, names: string[]][] {
  const all = new Map<string, { names: string[]; open: boolean }>();
  for (const node of nodes) {
    const { places, isStated } = placesOf(node);
    for (const place of places) {
      const one = all.get(place) ?? { names: [], open: false };
      all.set(place, { names: [...one.names, node.name], open: one.open || !isStated });
    }
  }
  return [...all].flatMap(([place, { names, open }]) =>
    open && names.length > 1 ? [[place, names] as [string, string[]]] : [],
  );
}

function apart(object: string, names: readonly string[], key: string): Finding {
  const reason =
    `${listed(names)} are lost together with it, which the survival proof does not know: keep them apart by an anti-affinity ` +
    `rule of DRS, or state virtualMachines.nodes[].${key}, so that the proof counts it.`;
  return found("differs", object, reason);
}
