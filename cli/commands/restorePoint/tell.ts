import type { Reporter } from "../../../clients/reporter";
import { spreadSeconds } from "../../../planning/draftPoint";
import { vmMembers, volumeMembers } from "../../../planning/pointMembers";
import type { RestorePointFile } from "../../../planning/site";
import type { OpenStack } from "../../stack";

/** What was cut, and what to do with it. */
export function tellPoint(
  { name, isLab }: OpenStack,
  point: RestorePointFile,
  reporter: Reporter,
): void {
  const option = isLab ? "" : ` --stack ${name}`;
  const volumes = volumeMembers(point);
  const vms = vmMembers(point);
  const etcd = point.members.filter((member) => member.kind === "etcd");
  const spread = spreadSeconds(volumes.map(({ createdAt }) => createdAt));
  for (const line of [
    "",
    `Restore point ${point.name}: cut at ${point.takenAt ?? ""}, ready`,
    `  ${volumes.length} volume snapshots within ${spread} s; ${vms.length} VM snapshots`,
    ...etcd.map(
      ({ file, node, sha256 }) => `  etcd snapshot ${file} on ${node}, SHA-256 ${sha256}`,
    ),
    "Next:",
    `  ./atom restore-point verify ${point.name}${option}   restores every volume into a scratch claim and reads it`,
    `  ./atom restore-point show ${point.name}${option}     what it holds, and until when`,
    "It is no backup: it is lost with the storage that holds it.",
  ]) {
    reporter.info(line);
  }
}
