import type { ClusterClient } from "../../clients/kubernetes/client";
import { fieldText, fullName, type ClusterObject } from "../../clients/kubernetes/object";
import { parseOwnerMark, POINT_LABEL } from "../../planning/names";
import { isClone } from "../../planning/nodeImages";
import { vmMembers, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import { readNamed } from "../../clients/vcenter/vms";
import { readFrom, type Access, type Read } from "../../clients/access";
import { contentOf, SNAPSHOT_API, volumeSnapshotOf } from "../../drift/volumeObjects";
import { listByAge, type VolumeListing } from "./volumes";

/** A snapshot of a volume that was taken in one of our classes. */
interface VolumeSnapshotLeftovers {
  /** `namespace/name` of the VolumeSnapshot; name of the VolumeSnapshotContent where its VolumeSnapshot is gone. */
  readonly name: string;
  readonly kind: "VolumeSnapshot" | "VolumeSnapshotContent";
  /** `namespace/name` of the claim it was taken of; undefined when it does not say. */
  readonly claim: string | undefined;
  /** Restore point that it was taken for; undefined when nothing says so. */
  readonly point: string | undefined;
}

interface VmSnapshotLeftovers {
  readonly vm: string;
  readonly name: string;
  /** Managed object reference. */
  readonly reference: string;
  readonly point: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** A clone of a node VM that `schedule run --due` made. */
interface ImageLeftovers {
  readonly name: string;
  /** Managed object reference. */
  readonly reference: string;
  readonly node: string;
}

/** Everything of a stack that outlives its declarations. */
export interface Leftovers {
  /** Undefined where it could not be read, which is not the same as none; so are the next three. */
  readonly volumes: readonly VolumeListing[] | undefined;
  readonly volumeSnapshots: readonly VolumeSnapshotLeftovers[] | undefined;
  readonly vmSnapshots: readonly VmSnapshotLeftovers[] | undefined;
  readonly images: readonly ImageLeftovers[] | undefined;
  readonly points: readonly PointRecord[];
  /** What could not be read, a sentence each. */
  readonly unknown: readonly string[];
}

interface LeftoversQuestion {
  readonly site: Site;
  /** What the catalog knows. */
  readonly points: readonly PointRecord[];
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

/**
 * Asks the live systems for volumes, snapshots, VM snapshots and images of nodes of a stack. Changes nothing; never throws
 * for silence.
 */
export async function readLeftovers({
  site,
  points,
  cluster,
  vcenter,
}: LeftoversQuestion): Promise<Leftovers> {
  const classes = site.classes.map(({ name }) => name);
  const [volumes, volumeSnapshots, vmSnapshots, images] = await Promise.all([
    readFrom(cluster, (client) => listByAge(client, classes)),
    readFrom(cluster, (client) => readVolumeSnapshots(client, site, points)),
    readFrom(vcenter, (client) => readVmSnapshots(client, site, points)),
    readFrom(vcenter, (client) => readImages(client, site)),
  ]);
  const silent = [volumes, volumeSnapshots, vmSnapshots, images].flatMap((read) =>
    read.state === "unknown" ? [read.why] : [],
  );
  return {
    volumes: valueOf(volumes),
    volumeSnapshots: valueOf(volumeSnapshots),
    vmSnapshots: valueOf(vmSnapshots),
    images: valueOf(images),
    points,
    // Both questions to a silent system end with the same sentence.
    unknown: [...new Set(silent)],
  };
}

function valueOf<T>(read: Read<readonly T[]>): readonly T[] | undefined {
  return read.state === "read" ? read.value : read.state === "unknown" ? undefined : [];
}

async function readVolumeSnapshots(
  client: ClusterClient,
  { snapshots: { className } }: Site,
  points: readonly PointRecord[],
): Promise<VolumeSnapshotLeftovers[]> {
  if ((await client.resource(SNAPSHOT_API, "VolumeSnapshot")) === undefined) {
    return [];
  }
  const [snapshots, contents] = await Promise.all([
    client.list(SNAPSHOT_API, "VolumeSnapshot"),
    client.list(SNAPSHOT_API, "VolumeSnapshotContent"),
  ]);
  const ours = (object: ClusterObject): boolean =>
    fieldText(object, "spec", "volumeSnapshotClassName") === className;
  const names = new Set(snapshots.map(fullName));
  const byHandle = new Map(
    points.flatMap(({ name, members }) =>
      volumeMembers({ members }).map((member) => [member.handle, { name, member }] as const),
    ),
  );
  return [
    ...snapshots.filter(ours).map((snapshot): VolumeSnapshotLeftovers => {
      const { claim } = volumeSnapshotOf(snapshot);
      return {
        kind: "VolumeSnapshot",
        name: fullName(snapshot),
        claim: claim === "" ? undefined : `${snapshot.metadata.namespace ?? ""}/${claim}`,
        point: snapshot.metadata.labels?.[POINT_LABEL],
      };
    }),
    // Kept by their policy although their VolumeSnapshot was removed, with its namespace say: storage is still in use.
    ...contents
      .filter((content) => {
        const [namespace, name] = ["namespace", "name"].map((key) =>
          fieldText(content, "spec", "volumeSnapshotRef", key),
        );
        return ours(content) && !names.has(`${namespace}/${name}`);
      })
      .map((content): VolumeSnapshotLeftovers => {
        const known = byHandle.get(contentOf(content).handle);
        return {
          kind: "VolumeSnapshotContent",
          name: content.metadata.name,
          claim:
            known === undefined ? undefined : `${known.member.namespace}/${known.member.claim}`,
          point: known?.name,
        };
      }),
  ].sort((left, right) => left.name.localeCompare(right.name));
}

async function readVmSnapshots(
  client: VcenterClient,
  site: Site,
  points: readonly PointRecord[],
): Promise<VmSnapshotLeftovers[]> {
  const handles = new Map(
    points.flatMap(({ name, members }) =>
      vmMembers({ members }).map(({ handle }) => [handle, name] as const),
    ),
  );
  return (await client.vms()).flatMap((vm) =>
    vm.snapshots.flatMap(({ name, reference, description, createdAt }) => {
      const mark = parseOwnerMark(description);
      const point = handles.get(reference) ?? (mark?.stack === site.stack ? mark.point : undefined);
      return point === undefined ? [] : [{ vm: vm.name, name, reference, point, createdAt }];
    }),
  );
}

async function readImages(client: VcenterClient, { stack }: Site): Promise<ImageLeftovers[]> {
  return (await readNamed(client, "VirtualMachine")).flatMap(({ name, reference, annotation }) => {
    const mark = parseOwnerMark(annotation);
    return mark?.stack === stack && isClone(annotation, stack, mark.point, mark.node, "image")
      ? [{ name, reference, node: mark.node }]
      : [];
  });
}
