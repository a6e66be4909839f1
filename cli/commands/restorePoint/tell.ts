import type { Reporter } from "../../../clients/reporter";
import { vmMembers, volumeMembers } from "../../../planning/pointMembers";
import type { PointRecord } from "../../../planning/pointRecord";
import { stackOption } from "../../../config/stackNames";
import type { OpenStack } from "../../../site/stack";

/** What was taken, and what to do with it. */
export function tellPoint(stack: OpenStack, point: PointRecord, reporter: Reporter): void {
  const option = stackOption(stack.name);
  const etcd = point.members.filter((member) => member.kind === "etcd");
  reporter.info(
    [
      "",
      `Restore point ${point.name}: taken at ${point.takenAt ?? ""}, ready`,
      `  ${volumeMembers(point).length} volume snapshots within ${point.spreadSeconds ?? 0} s; ${vmMembers(point).length} VM snapshots`,
      ...etcd.map(
        ({ file, node, sha256 }) => `  etcd snapshot ${file} on ${node}, SHA-256 ${sha256}`,
      ),
      "Next:",
      `  ./atom restore-point verify ${point.name}${option}   restores every volume into a scratch claim and reads it`,
      `  ./atom restore-point show ${point.name}${option}     what it holds, and until when`,
      "It is no backup: it is lost with the storage that holds it.",
    ].join("\n"),
  );
}
