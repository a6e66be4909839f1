import { replicasLines } from "./replicas";
import type { PointReadBack } from "../../site/readback/points";
import type { ClassReadBack, ReadBack, SnapshotClassReadBack } from "../../site/readback/readBack";

/** Lines for people about what is there now, read from the API server and vCenter. */
export function readBackLines(found: ReadBack): string[] {
  return [
    ...found.classes.map(classLine),
    ...found.snapshotClasses.map(snapshotClassLine),
    ...found.points.map(pointLine),
    ...formerVolumeLines(found),
    ...replicasLines(found.replicas),
    ...(found.heldVolumes.state === "read" ? found.heldVolumes.lines : []),
    ...found.unknown.map((why) => `unknown: ${why}`),
  ];
}

function classLine({ name, live, replicas, spread }: ClassReadBack): string {
  if (live === undefined) {
    return `StorageClass ${name}: not there`;
  }
  const replicasText =
    replicas === undefined
      ? "its parameters are not the planned ones"
      : `${replicas} copies ${spread}`;
  const traits = [
    ...(live.isDefault ? ["default class"] : []),
    live.reclaimPolicy,
    ...(live.expandable ? ["expandable"] : []),
    live.volumeBindingMode,
  ];
  return `StorageClass ${name} (${live.provisioner}): ${replicasText}; ${traits.join(", ")}`;
}

function snapshotClassLine({ kind, name, live }: SnapshotClassReadBack): string {
  return live === undefined
    ? `${kind} ${name}: not there`
    : `${kind} ${name} (${live.driver}): ${live.deletionPolicy}`;
}

function pointLine(point: PointReadBack): string {
  const state = point.lost.length === 0 ? point.state : `LOST on ${point.lost.join(", ")}`;
  const taken = point.takenAt === undefined ? state : `${state}, taken at ${point.takenAt}`;
  return `restore point ${point.name} for release ${point.release}: ${taken}; ${vmWords(point)}`;
}

function vmWords({ members }: PointReadBack): string {
  if (members === undefined) {
    return "VM snapshots were not read";
  }
  return members.length === 0
    ? "no VM snapshot is there"
    : `${members.length} VM snapshots are there (${members.join(", ")})`;
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
