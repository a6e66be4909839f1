import { memberResourceName, snapshotName } from "../names";
import type { Problem } from "../problem";
import { vmMembers } from "../pointMembers";
import { inTakenOrder, intendedNodes, livingVms, plannedVms } from "../restorePoints";
import type { NodeVirtualMachine, RestorePointFile, Site } from "../site";
import { counted, listed, shown } from "../words";
import { isOpen, pointFile } from "./points";

/** Everything that is wrong with the restore points as a set and against the node VMs. */
export function restorePointProblems(site: Site): readonly Problem[] {
  return [
    ...site.restorePoints.flatMap((point) => [
      ...providerProblems(site, point),
      ...(isOpen(point)
        ? [
            ...nodeProblems(site, point),
            ...controlPlaneProblems(site, point),
            ...memoryProblems(site, point),
          ]
        : []),
    ]),
    ...depthProblems(site),
    ...collisionProblems(site),
  ];
}

/** VM snapshots need the vCenter that holds them, to be cut and to be kept. */
function providerProblems(site: Site, point: RestorePointFile): readonly Problem[] {
  if (site.virtualMachines !== undefined) {
    return [];
  }
  const living = livingVms(point);
  if (point.state !== "expired" && living.length > 0) {
    return [
      {
        path: "virtualMachines",
        value: undefined,
        message: `restore point ${point.name} holds ${counted(living.length, "VM snapshot")}, and no vCenter is described`,
        allowed: "Allowed: the vCenter that holds them",
      },
    ];
  }
  return isOpen(point) && point.virtualMachines !== "none" && point.virtualMachines.length > 0
    ? [
        {
          path: "virtualMachines",
          value: shown(point.virtualMachines),
          message: "the stack describes no virtualMachines that could be taken",
          allowed: "Allowed: none, or virtualMachines in the stack file",
          file: pointFile(site, point),
        },
      ]
    : [];
}

function nodeProblems(site: Site, point: RestorePointFile): readonly Problem[] {
  if (typeof point.virtualMachines === "string" || site.virtualMachines === undefined) {
    return [];
  }
  const known = site.virtualMachines.nodes.map((node) => node.name);
  return point.virtualMachines.flatMap((name, index) =>
    known.includes(name)
      ? []
      : [
          {
            path: `virtualMachines[${index}]`,
            value: shown(name),
            message: "no such node in virtualMachines.nodes of the stack file",
            allowed: `Known nodes: ${known.join(", ")}`,
            candidates: known,
            file: pointFile(site, point),
          },
        ],
  );
}

/** Reverting one etcd member to an old disk breaks it: control-plane VMs are taken only powered off, and all of them. */
function controlPlaneProblems(site: Site, point: RestorePointFile): readonly Problem[] {
  const named = vms(site, point).filter((node) => node.role === "controlPlane");
  if (named.length === 0) {
    return [];
  }
  if (point.consistency === "stopped") {
    return togetherProblems(site, point, named);
  }
  return [
    {
      path: "virtualMachines",
      value: shown(point.virtualMachines),
      message:
        `${listed(named.map((node) => node.name))} ${named.length === 1 ? "is a control-plane node" : "are control-plane nodes"}: ` +
        "an etcd member that goes back to the disk of a running moment breaks its cluster",
      allowed:
        "Allowed: consistency: stopped, or the point without them (etcd is backed up by etcd snapshots)",
      file: pointFile(site, point),
    },
  ];
}

/** Members that go back without the others have forgotten what they voted for. */
function togetherProblems(
  site: Site,
  point: RestorePointFile,
  named: readonly NodeVirtualMachine[],
): readonly Problem[] {
  const others = (site.virtualMachines?.nodes ?? []).filter(
    (node) => node.role === "controlPlane" && !named.includes(node),
  );
  return others.length === 0
    ? []
    : [
        {
          path: "virtualMachines",
          value: shown(point.virtualMachines),
          message:
            `it takes ${listed(named.map((node) => node.name))} of the control plane without ` +
            `${listed(others.map((node) => node.name))}: etcd members go back all together or not at all`,
          allowed:
            "Allowed: all control-plane nodes by name, or the point without them (etcd is backed up by etcd snapshots)",
          file: pointFile(site, point),
        },
      ];
}

function memoryProblems(site: Site, point: RestorePointFile): readonly Problem[] {
  if (!point.memory) {
    return [];
  }
  const file = pointFile(site, point);
  const problems: Problem[] = [];
  if (point.quiesce) {
    problems.push({
      path: "quiesce",
      value: "true",
      message: "a snapshot with memory needs no quiescing, and vSphere takes one or the other",
      allowed: "Allowed: memory or quiesce, not both",
      file,
    });
  }
  const refused = vms(site, point).filter((node) => node.role !== "worker");
  if (refused.length > 0) {
    problems.push({
      path: "memory",
      value: "true",
      message:
        `${listed(refused.map((node) => `${node.name} (${node.role})`))} would come back running, with replicas or ` +
        "etcd in a state that the others have left behind",
      allowed: "Allowed: false, or virtualMachines with worker nodes only",
      file,
    });
  }
  return problems;
}

function vms(site: Site, point: RestorePointFile): readonly NodeVirtualMachine[] {
  const intended = new Set(intendedNodes(site, point));
  return (site.virtualMachines?.nodes ?? []).filter((node) => intended.has(node.name));
}

/** Counts the snapshots of each VM in the order of their cuts; a planned point counts, since `up` may cut it. */
function depthProblems(site: Site): readonly Problem[] {
  const maxDepth = site.virtualMachines?.maxDepth;
  if (maxDepth === undefined) {
    return [];
  }
  const depth = new Map<string, number>();
  return inTakenOrder(site.restorePoints).flatMap((point) => {
    const taken = isOpen(point) ? plannedVms(site, point) : livingOf(point);
    const deep = taken.filter((vm) => {
      const next = (depth.get(vm.uuid) ?? 0) + 1;
      depth.set(vm.uuid, next);
      return next > maxDepth;
    });
    return deep.length === 0 || !isOpen(point)
      ? []
      : [
          {
            path: "virtualMachines",
            value: shown(point.virtualMachines),
            message:
              `with this point ${listed(deep.map((vm) => `${vm.node} (${depth.get(vm.uuid) ?? 0})`))} ` +
              `would have more VM snapshots in a chain than virtualMachines.maxDepth (${maxDepth})`,
            allowed:
              "Allowed: fewer VMs, or a greater virtualMachines.maxDepth (at most 31; 2 to 3 is the vendor's advice)",
            file: pointFile(site, point),
          },
        ];
  });
}

function livingOf(point: RestorePointFile): readonly { node: string; uuid: string }[] {
  return point.state === "expired" ? [] : livingVms(point);
}

/** Names that would be one: of resources (`<point>-vm-<node>`) and of snapshots (`atom.<stack>.<point>`). */
function collisionProblems(site: Site): readonly Problem[] {
  const owners = new Map<string, string>();
  const snapshots = new Map<string, string>();
  return site.restorePoints.flatMap((point) => {
    const problems: Problem[] = [];
    const refuse = (name: string, other: string): void => {
      problems.push({
        path: "name",
        value: shown(point.name),
        message: `its name ${name} is also that of ${other}`,
        allowed: "Allowed: another name for the point",
        file: pointFile(site, point),
      });
    };
    const snapshot = snapshotName(site.stack, point.name);
    const sameSnapshot = snapshots.get(snapshot);
    if (sameSnapshot !== undefined) {
      refuse(snapshot, `restore point ${sameSnapshot}`);
    }
    snapshots.set(snapshot, point.name);
    for (const node of new Set([
      ...intendedNodes(site, point),
      ...vmMembers(point).map((member) => member.node),
    ])) {
      const name = memberResourceName(point.name, node);
      const owner = owners.get(name);
      if (owner !== undefined && sameSnapshot === undefined) {
        refuse(name, owner);
      }
      owners.set(name, `restore point ${point.name}, node ${node}`);
    }
    return problems;
  });
}
