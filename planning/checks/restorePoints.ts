import type { PointFile, Site } from "../site";
import { memberResourceName, snapshotName } from "../names";
import { brokenRules, type Problem, type Rule } from "../problem";
import { inTakenOrder, intendedNodes, livingVms, plannedVms } from "../restorePoints";
import { runsControlPlane } from "../topology";
import { counted, listed } from "../words";

/** Whether a point may still be taken: what its file asks for has to be possible. A taken one is a record. */
export function isOpen(point: PointFile): boolean {
  return point.state === "planned" || point.state === "taking";
}

/** The point's file, relative to the project. */
export function pointFile(site: Site, point: PointFile): string {
  return `${site.restorePointsDir}/${site.stack}/${point.name}.yaml`;
}

/** Everything that is wrong with the restore points as a set and against the node VMs. */
export function restorePointProblems(site: Site): readonly Problem[] {
  return [
    ...site.restorePoints.flatMap((point) => [
      ...brokenRules(site, [vcenterRule(site, point)]),
      ...(isOpen(point) ? inFile(site, point, openRules(site, point)) : []),
    ]),
    ...depthProblems(site),
    ...collisionProblems(site),
  ];
}

function inFile(site: Site, point: PointFile, rules: readonly Rule[]): readonly Problem[] {
  const file = pointFile(site, point);
  return brokenRules(point, rules).map((problem) => ({ ...problem, file }));
}

/** VM snapshots need the vCenter that holds them, to be kept as well. */
function vcenterRule(site: Site, point: PointFile): Rule {
  const living = livingVms(point).length;
  return [
    site.virtualMachines === undefined && living > 0,
    "virtualMachines",
    `restore point ${point.name} holds ${counted(living, "VM snapshot")}, and no vCenter is described`,
    "the vCenter that holds them",
  ];
}

/** What a point that is not taken yet may ask for. */
function openRules(site: Site, point: PointFile): readonly Rule[] {
  const { virtualMachines: asked, memory, quiesce, consistency } = point;
  const path = "virtualMachines";
  const nodes = site.virtualMachines?.nodes ?? [];
  const known = nodes.map(({ name }) => name);
  const intended = new Set(intendedNodes(site, point));
  const vms = nodes.filter(({ name }) => intended.has(name));
  const refused = vms.filter(({ role }) => role !== "worker");
  const control = nodes.filter(runsControlPlane).map(({ name }) => name);
  const named = control.filter((name) => intended.has(name));
  const others = control.filter((name) => !intended.has(name));
  const unknown = (typeof asked === "string" || nodes.length === 0 ? [] : asked).map(
    (name, index): Rule => [
      !known.includes(name),
      `${path}[${index}]`,
      "no such node in virtualMachines.nodes of the stack file",
      known.join(", "),
      { candidates: known },
    ],
  );
  return [
    [
      nodes.length === 0 && asked !== "none" && asked.length > 0 && livingVms(point).length === 0,
      path,
      "the stack describes no virtualMachines that could be taken",
      "none, or virtualMachines in the stack file",
    ],
    ...unknown,
    // Reverting one etcd member to an old disk breaks it: control-plane VMs are taken only powered off, and all of them.
    [
      named.length > 0 && consistency !== "stopped",
      path,
      `${listed(named)} ${named.length === 1 ? "is a control-plane node" : "are control-plane nodes"}: ` +
        "an etcd member that goes back to the disk of a running moment breaks its cluster",
      "consistency: stopped, or the point without them (etcd is backed up by etcd snapshots)",
    ],
    // Members that go back without the others have forgotten what they voted for.
    [
      named.length > 0 && consistency === "stopped" && others.length > 0,
      path,
      `it takes ${listed(named)} of the control plane without ${listed(others)}: etcd members go back all together or not at all`,
      "all control-plane nodes by name, or the point without them (etcd is backed up by etcd snapshots)",
    ],
    [
      memory && quiesce,
      "quiesce",
      "a snapshot with memory needs no quiescing, and vSphere takes one or the other",
      "memory or quiesce, not both",
    ],
    [
      memory && refused.length > 0,
      "memory",
      `${listed(refused.map((node) => `${node.name} (${node.role})`))} would come back running, with replicas or ` +
        "etcd in a state that the others have left behind",
      "false, or virtualMachines with worker nodes only",
    ],
  ];
}

/** Counts the snapshots of each VM in the order in which they were taken; a planned point counts, since `up` may take it. */
function depthProblems(site: Site): readonly Problem[] {
  const { maxDepth } = site.virtualMachines ?? {};
  const depth = new Map<string, number>();
  return inTakenOrder(site.restorePoints).flatMap((point) => {
    const taken = isOpen(point) ? plannedVms(site, point) : livingVms(point);
    const deep = taken.flatMap(({ node, uuid }) => {
      const next = (depth.get(uuid) ?? 0) + 1;
      depth.set(uuid, next);
      return maxDepth !== undefined && next > maxDepth ? [`${node} (${next})`] : [];
    });
    return inFile(site, point, [
      [
        isOpen(point) && deep.length > 0,
        "virtualMachines",
        `with this point ${listed(deep)} would have more VM snapshots in a chain than virtualMachines.maxDepth (${String(maxDepth)})`,
        "fewer VMs, or a greater virtualMachines.maxDepth (at most 31; 2 to 3 is the vendor's advice)",
      ],
    ]);
  });
}

/** Names that would be one: of resources (`<point>-vm-<node>`) and of snapshots (`atom.<stack>.<point>`). */
function collisionProblems(site: Site): readonly Problem[] {
  const owners = new Map<string, string>();
  const taken = new Map<string, string>();
  const rule = (name: string, other: string | undefined): Rule => [
    other !== undefined,
    "name",
    `its name ${name} is also that of ${String(other)}`,
    "another name for the point",
  ];
  return site.restorePoints.flatMap((point) => {
    const snapshot = snapshotName(site.stack, point.name);
    const same = taken.get(snapshot);
    taken.set(snapshot, `restore point ${point.name}`);
    const nodes = new Set([...intendedNodes(site, point), ...point.vms.map(({ node }) => node)]);
    const members = [...nodes].map((node): Rule => {
      const name = memberResourceName(point.name, node);
      const owner = owners.get(name);
      owners.set(name, `restore point ${point.name}, node ${node}`);
      return rule(name, same === undefined ? owner : undefined);
    });
    return inFile(site, point, [rule(snapshot, same), ...members]);
  });
}
