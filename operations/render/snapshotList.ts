import type { RestorePointPlan, SitePlan, VirtualMachineMember } from "../../planning/plan";

/** Name of the list; no ending that `kubectl apply -f DIR` would read. */
export const snapshotListFile = "vm-snapshots.txt";

/** The VM snapshots of a site for people: they live in vCenter, and no manifest brings one about. */
export function renderSnapshotList({ site, restorePoints }: SitePlan): string {
  const uuids = new Map(site.virtualMachines?.nodes.map(({ name, uuid }) => [name, uuid]));
  const body =
    restorePoints.length === 0
      ? ["No restore point is listed, so no VM snapshot is declared."]
      : restorePoints.flatMap((point) => pointLines(point, uuids));
  return [
    `VM snapshots of stack ${site.stack}, for reading: each is cut once by ./atom up, and no deployment removes one.`,
    "",
    ...body,
    "",
  ].join("\n");
}

function pointLines(point: RestorePointPlan, uuids: ReadonlyMap<string, string>): string[] {
  const { name, release, state, cutAt, virtualMachines, intended } = point;
  const head = `restore point ${name} for release ${release}: ${state}`;
  if (virtualMachines.length > 0) {
    return [
      `${head}${cutAt === undefined ? "" : `, cut at ${cutAt}`}`,
      ...virtualMachines.map(cut),
    ];
  }
  return intended.length === 0
    ? [`${head}, without virtual machines`]
    : [
        `${head}; will be cut of`,
        ...intended.map((node) => `  ${node} (VM ${uuids.get(node) ?? "unknown"})`),
      ];
}

function cut(member: VirtualMachineMember): string {
  const { node, uuid, snapshotName, memory, quiesce, cut: done } = member;
  const how = memory ? "with memory" : quiesce ? "quiesced" : "without memory, not quiesced";
  return `  ${node} (VM ${uuid}): ${snapshotName}, ${done === undefined ? "to be cut" : done.handle}, ${how}`;
}
