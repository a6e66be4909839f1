import type { ClusterClient } from "../../clients/kubernetes/client";
import { ClusterError } from "../../clients/kubernetes/error";
import type { ClusterObject } from "../../clients/kubernetes/object";
import { parseOwnerMark, POINT_LABEL } from "../../planning/names";
import { machineMembers, volumeMembers } from "../../planning/pointMembers";
import type { RestorePointFile, Site } from "../../planning/site";
import type { VcenterClient } from "../../clients/vcenter/client";
import { VcenterError } from "../../clients/vcenter/error";
import type { Access } from "../../clients/access";
import { contentOf } from "../../drift/volumeObjects";
import type { VolumeListing } from "../readback/volumes";
import { listVolumes } from "../readback/volumes";

/** A snapshot of a volume that was cut in one of our classes. */
export interface VolumeSnapshotRemains {
  /** `namespace/name` of the VolumeSnapshot; name of the VolumeSnapshotContent where its VolumeSnapshot is gone. */
  readonly name: string;
  readonly kind: "VolumeSnapshot" | "VolumeSnapshotContent";
  /** `namespace/name` of the claim it was cut of; undefined when it does not say. */
  readonly claim: string | undefined;
  /** Restore point that it was cut for; undefined when nothing says so. */
  readonly point: string | undefined;
}

export interface MachineSnapshotRemains {
  readonly machine: string;
  readonly name: string;
  /** Managed object reference. */
  readonly reference: string;
  readonly point: string;
  /** RFC 3339. */
  readonly createdAt: string;
}

/** Everything of a stack that outlives its declarations. */
export interface Remains {
  /** Undefined where it could not be read, which is not the same as none; so are the next two. */
  readonly volumes: readonly VolumeListing[] | undefined;
  readonly volumeSnapshots: readonly VolumeSnapshotRemains[] | undefined;
  readonly machineSnapshots: readonly MachineSnapshotRemains[] | undefined;
  readonly points: readonly RestorePointFile[];
  /** What could not be read, a sentence each. */
  readonly cannotTell: readonly string[];
}

export interface RemainsQuestion {
  readonly site: Site;
  readonly cluster: Access<ClusterClient>;
  readonly vcenter: Access<VcenterClient>;
}

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Asks the live systems for volumes, snapshots and VM snapshots of a stack. Changes nothing; never throws for silence. */
export async function readRemains({ site, cluster, vcenter }: RemainsQuestion): Promise<Remains> {
  const cannotTell: string[] = [];
  const ask = async <C, T>(
    access: Access<C>,
    question: (client: C) => Promise<T[]>,
  ): Promise<T[] | undefined> => {
    if (access.state === "cannotTell") {
      cannotTell.push(access.why);
      return undefined;
    }
    if (access.state === "notNeeded") {
      return [];
    }
    try {
      return await question(access.client);
    } catch (error) {
      if (error instanceof ClusterError || error instanceof VcenterError) {
        cannotTell.push(error.message);
        return undefined;
      }
      throw error;
    }
  };
  const classes = site.classes.map(({ name }) => name);
  const [volumes, volumeSnapshots, machineSnapshots] = await Promise.all([
    ask(cluster, (client) => listVolumes(client, classes)),
    ask(cluster, (client) => readVolumeSnapshots(client, site)),
    ask(vcenter, (client) => readMachineSnapshots(client, site)),
  ]);
  // Both questions to a silent cluster end with the same sentence.
  const silent = [...new Set(cannotTell)];
  return {
    volumes,
    volumeSnapshots,
    machineSnapshots,
    points: site.restorePoints,
    cannotTell: silent,
  };
}

interface SnapshotSpec {
  readonly volumeSnapshotClassName?: string;
  readonly source?: { readonly persistentVolumeClaimName?: string };
  readonly volumeSnapshotRef?: { readonly namespace?: string; readonly name?: string };
}

async function readVolumeSnapshots(
  client: ClusterClient,
  { snapshots: { className }, restorePoints }: Site,
): Promise<VolumeSnapshotRemains[]> {
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
    restorePoints.flatMap(({ name, members }) =>
      volumeMembers({ members }).map((member) => [member.handle, { name, member }] as const),
    ),
  );
  return [
    ...snapshots.filter(ours).map((snapshot): VolumeSnapshotRemains => {
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
      .map((content): VolumeSnapshotRemains => {
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

async function readMachineSnapshots(
  client: VcenterClient,
  site: Site,
): Promise<MachineSnapshotRemains[]> {
  const handles = new Map(
    site.restorePoints.flatMap(({ name, members }) =>
      machineMembers({ members }).map(({ handle }) => [handle, name] as const),
    ),
  );
  return (await client.machines()).flatMap((machine) =>
    machine.snapshots.flatMap(({ name, reference, description, createdAt }) => {
      const mark = parseOwnerMark(description);
      const point = handles.get(reference) ?? (mark?.stack === site.stack ? mark.point : undefined);
      return point === undefined
        ? []
        : [{ machine: machine.name, name, reference, point, createdAt }];
    }),
  );
}

function fullName({ metadata }: ClusterObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

function specOf(object: ClusterObject): SnapshotSpec {
  return (object["spec"] as SnapshotSpec | undefined) ?? {};
}
