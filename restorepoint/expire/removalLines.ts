import { describeObject } from "../../clients/kubernetes/object";
import type { TakeLeftovers } from "../findTaken";

/** What would be removed, for people. */
export function removalLines({
  groups,
  snapshots,
  contents,
  groupContents = [],
}: TakeLeftovers): string[] {
  const alone = contents.filter(
    ({ snapshot, ofGroup }) =>
      !ofGroup &&
      !snapshots.some(({ namespace, name }) => `${namespace ?? ""}/${name}` === snapshot),
  );
  return [
    ...groups.map((one) => `${describeObject(one)} and its members`),
    ...groupContents.map((one) => `${describeObject(one)}, whose group is gone`),
    ...snapshots.map(describeObject),
    ...alone.map(({ name }) => `VolumeSnapshotContent ${name}, whose VolumeSnapshot is gone`),
  ];
}
