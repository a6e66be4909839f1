import { relative } from "node:path";
import { pointFilePath } from "../../config/pointFile";
import type { Leftovers } from "../../site/down/leftovers";
import type { OpenStack } from "../../site/stack";
import { isImageRun } from "../../planning/nodeImages";
import { vmMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";

/** Lines for people about what outlives a stack's declarations, by name. */
export function leftoversLines({ root, name, site }: OpenStack, leftovers: Leftovers): string[] {
  const { volumes, volumeSnapshots, vmSnapshots, images, points, unknown } = leftovers;
  const file = (point: string): string =>
    relative(root, pointFilePath(root, site.restorePointsDir, name, point));
  return [
    ...section(
      "volumes",
      "they keep their data, and cannot grow until their class is there again",
      volumes,
      ({ volume, claim, className, capacity }) =>
        `PersistentVolume ${volume} (${capacity}, class ${className}): ${claim ?? "no claim"}`,
    ),
    ...section(
      "snapshots of volumes",
      undefined,
      volumeSnapshots,
      ({ kind, name: snapshot, claim, point }) =>
        `${kind} ${snapshot}${claim === undefined ? "" : ` of claim ${claim}`}${point === undefined ? "" : `, point ${point}`}`,
    ),
    ...section(
      "VM snapshots in vCenter",
      "their deltas grow until they are removed",
      vmSnapshots,
      (one) => `${one.name} of ${one.vm} (${one.reference}, ${one.createdAt}), point ${one.point}`,
    ),
    ...(vmSnapshots === undefined
      ? section(
          "VM snapshots by the files of restore points",
          undefined,
          points.flatMap((point) => vmMembers(point).map((member) => ({ point, member }))),
          ({ point, member }) => `${point.name}: ${member.node} (${member.handle})`,
        )
      : []),
    ...section(
      "images of node VMs in vCenter",
      undefined,
      images,
      (image) => `${image.name} of node ${image.node} (${image.reference})`,
    ),
    ...section(
      "restore points",
      undefined,
      points.filter((point) => !isImageRun(point)),
      (point) => `${point.name} (${point.state})${hasFile(point) ? `, ${file(point.name)}` : ""}`,
    ),
    ...unknown.map((why) => `unknown: ${why}`),
  ];
}

/** A point's file goes with the last VM snapshot that is removed on purpose; it stays for one that is lost. */
function hasFile(point: PointRecord): boolean {
  return vmMembers(point).some(({ expiredAt }) => expiredAt === undefined);
}

function section<T>(
  title: string,
  note: string | undefined,
  items: readonly T[] | undefined,
  line: (item: T) => string,
): string[] {
  if (items === undefined) {
    return [`${title}: not read`];
  }
  if (items.length === 0) {
    return [`${title}: none`];
  }
  const more = note === undefined ? "" : `; ${note}`;
  return [`${title}: ${items.length}${more}`, ...items.map((item) => `  ${line(item)}`)];
}
