import { copiesLines } from "./copies";
import type { PointReadBack } from "../../site/readback/points";
import type {
  ClassReadBack,
  ReadBack,
  SnapshotClassReadBack,
} from "../../site/readback/readBack";

/** Lines for people about what is there now, read from the API server and vCenter. */
export function readBackLines(found: ReadBack): string[] {
  return [
    ...found.classes.map(classLine),
    ...found.snapshotClasses.map(snapshotClassLine),
    ...found.points.map(pointLine),
    ...formerVolumeLines(found),
    ...copiesLines(found.copies),
    ...(found.heldVolumes.state === "read" ? found.heldVolumes.lines : []),
    ...found.cannotTell.map((why) => `cannot tell: ${why}`),
  ];
}

function classLine({ name, live, copies, spread }: ClassReadBack): string {
  if (live === undefined) {
    return `StorageClass ${name}: not there`;
  }
  const copiesText =
    copies === undefined ? "its parameters are not the planned ones" : `${copies} copies ${spread}`;
  const traits = [
    ...(live.isDefault ? ["default class"] : []),
    live.reclaimPolicy,
    ...(live.expandable ? ["expandable"] : []),
    live.volumeBindingMode,
  ];
  return `StorageClass ${name} (${live.provisioner}): ${copiesText}; ${traits.join(", ")}`;
}

function snapshotClassLine({ kind, name, live }: SnapshotClassReadBack): string {
  return live === undefined
    ? `${kind} ${name}: not there`
    : `${kind} ${name} (${live.driver}): ${live.deletionPolicy}`;
}

function pointLine(point: PointReadBack): string {
  const state = point.lost.length === 0 ? point.state : `LOST on ${point.lost.join(", ")}`;
  const cut = point.cutAt === undefined ? state : `${state}, cut ${point.cutAt}`;
  const members = [machineWords(point), ...volumeWords(point)].join("; ");
  return `restore point ${point.name} for release ${point.release}: ${cut}; ${members}`;
}

function machineWords({ members }: PointReadBack): string {
  if (members === undefined) {
    return "VM snapshots were not read";
  }
  const nodes = members.map(({ node }) => node).join(", ");
  return members.length === 0
    ? "no VM snapshot is there"
    : `${members.length} VM snapshots are there (${nodes})`;
}

function volumeWords({ volumes: { recorded, there } }: PointReadBack): string[] {
  if (recorded === 0) {
    return [];
  }
  return [
    there === undefined
      ? `${recorded} volume snapshots are recorded and were not read`
      : `${there.length} of ${recorded} volume snapshots are there`,
  ];
}

function formerVolumeLines({ formerVolumes }: ReadBack): string[] {
  return formerVolumes.length === 0
    ? []
    : [
        `${formerVolumes.length} volumes keep what an earlier class gave them:`,
        ...formerVolumes.map(
          ({ volume, claim, note }) => `  ${volume} (${claim ?? "no claim"}): ${note}`,
        ),
      ];
}
