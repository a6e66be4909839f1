import type { RestorePointPlan, SitePlan, VirtualMachineMember } from "../../planning/plan";

/** Name of the list; no ending that `kubectl apply -f DIR` would read. */
export const snapshotListFile = "vm-snapshots.txt";

/** The snapshots of a site for people: taking one is an event, and no manifest brings it about. */
export function renderSnapshotList({ site, restorePoints }: SitePlan): string {
  const uuids = new Map(site.virtualMachines?.nodes.map(({ name, uuid }) => [name, uuid]));
  const body =
    restorePoints.length === 0
      ? ["No restore point has a file, so no VM snapshot is declared."]
      : restorePoints.flatMap((point) => vmLines(point, uuids));
  return [
    `VM snapshots of stack ${site.stack}, for reading: each is taken once, and no deployment removes one.`,
    "",
    ...body,
    "",
  ].join("\n");
}

function vmLines(point: RestorePointPlan, uuids: ReadonlyMap<string, string>): string[] {
  const { name, release, state, takenAt, virtualMachines, intended } = point;
  const head = `restore point ${name} for release ${release}: ${state}`;
  if (virtualMachines.length > 0) {
    return [
      `${head}${takenAt === undefined ? "" : `, taken at ${takenAt}`}`,
      ...virtualMachines.map(taken),
    ];
  }
  return intended.length === 0
    ? [`${head}, without virtual machines`]
    : [
        `${head}; will be taken of`,
        ...intended.map((node) => `  ${node} (VM ${uuids.get(node) ?? "unknown"})`),
      ];
}

function taken(member: VirtualMachineMember): string {
  const { node, uuid, snapshotName, memory, quiesce, taken: done } = member;
  const how = memory ? "with memory" : quiesce ? "quiesced" : "without memory, not quiesced";
  return `  ${node} (VM ${uuid}): ${snapshotName}, ${done === undefined ? "to be taken" : done.handle}, ${how}`;
}
