import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { parseOwnerMark, POINT_LABEL } from "../../planning/names";
import { vmMembers, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import type { Site } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import { VcenterError } from "../../clients/vcenter/error";
import type { Access } from "../../clients/access";
import { contentOf } from "../../drift/volumeObjects";
import type { VolumeListing } from "../readback/volumes";
import { listVolumes } from "../readback/volumes";

/** A snapshot of a volume that was taken in one of our classes. */
export interface VolumeSnapshotLeftovers {
  /** `namespace/name` of the VolumeSnapshot; name of the VolumeSnapshotContent where its VolumeSnapshot is gone. */
  readonly name: string;
  readonly kind: "VolumeSnapshot" | "VolumeSnapshotContent";
  /** `namespace/name` of the claim it was taken of; undefined when it does not say. */
  readonly claim: string | undefined;
  /** Restore point that it was taken for; undefined when nothing says so. */
  readonly point: string | undefined;
}

export interface VmSnapshotLeftovers {
  readonly vm: string;
  readonly name: string;
  /** Managed object reference. */
  readonly reference: string;
  readonly point: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Everything of a stack that outlives its declarations. */
export interface Leftovers {
  /** Undefined where it could not be read, which is not the same as none; so are the next two. */
  readonly volumes: readonly VolumeListing[] | undefined;
  readonly volumeSnapshots: readonly VolumeSnapshotLeftovers[] | undefined;
  readonly vmSnapshots: readonly VmSnapshotLeftovers[] | undefined;
  readonly points: readonly PointRecord[];
  /** What could not be read, a sentence each. */
  readonly unknown: readonly string[];
}

export interface LeftoversQuestion {
  readonly site: Site;
  /** What the catalog knows. */
  readonly points: readonly PointRecord[];
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Asks the live systems for volumes, snapshots and VM snapshots of a stack. Changes nothing; never throws for silence. */
export async function readLeftovers({
  site,
  points,
  cluster,
  vcenter,
}: LeftoversQuestion): Promise<Leftovers> {
  const unknown: string[] = [];
  const ask = async <C, T>(
    access: Access<C>,
    question: (client: C) => Promise<T[]>,
  ): Promise<T[] | undefined> => {
    if (access.state === "unknown") {
      unknown.push(access.why);
      return undefined;
    }
    if (access.state === "notNeeded") {
      return [];
    }
    try {
      return await question(access.client);
    } catch (error) {
      if (error instanceof ClusterError || error instanceof VcenterError) {
        unknown.push(error.message);
        return undefined;
      }
      throw error;
    }
  };
  const classes = site.classes.map(({ name }) => name);
  const [volumes, volumeSnapshots, vmSnapshots] = await Promise.all([
    ask(cluster, (client) => listVolumes(client, classes)),
    ask(cluster, (client) => readVolumeSnapshots(client, site, points)),
    ask(vcenter, (client) => readVmSnapshots(client, site, points)),
  ]);
  // Both questions to a silent cluster end with the same sentence.
  const silent = [...new Set(unknown)];
  return {
    volumes,
    volumeSnapshots,
    vmSnapshots,
    points,
    unknown: silent,
  };
}

interface SnapshotSpec {
  readonly volumeSnapshotClassName?: string;
  readonly source?: { readonly persistentVolumeClaimName?: string };
  readonly volumeSnapshotRef?: { readonly namespace?: string; readonly name?: string };
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
    specOf(object).volumeSnapshotClassName === className;
  const names = new Set(snapshots.map(fullName));
  const byHandle = new Map(
    points.flatMap(({ name, members }) =>
      volumeMembers({ members }).map((member) => [member.handle, { name, member }] as const),
    ),
  );
  return [
    ...snapshots.filter(ours).map((snapshot): VolumeSnapshotLeftovers => {
      const claim = specOf(snapshot).source?.persistentVolumeClaimName;
      return {
        kind: "VolumeSnapshot",
        name: fullName(snapshot),
        claim: claim === undefined ? undefined : `${snapshot.metadata.namespace ?? ""}/${claim}`,
        point: snapshot.metadata.labels?.[POINT_LABEL],
      };
    }),
    // Kept by their policy although their VolumeSnapshot was removed, with its namespace say: storage is still in use.
    ...contents
      .filter((content) => {
        const { namespace = "", name = "" } = specOf(content).volumeSnapshotRef ?? {};
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

function fullName({ metadata }: ClusterObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

function specOf(object: ClusterObject): SnapshotSpec {
  return (object["spec"] as SnapshotSpec | undefined) ?? {};
}
