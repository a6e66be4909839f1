import type { ClusterClient } from "../../cluster/client";
import { ClusterError } from "../../cluster/error";
import type { ClusterObject, ObjectReference } from "../../cluster/object";
import { labels, parseOwnerMark, POINT_LABEL, snapshotName } from "../../planning/names";
import type { GroupVersion } from "../../planning/site";
import type { VcenterClient } from "../../vcenter/client";

/** What is there of a point, whoever cut it and however far that came: found by mark, never by name alone. */
export interface CutRemains {
  readonly groups: readonly ObjectReference[];
  /** VolumeSnapshots; members of groups are not among them. */
  readonly snapshots: readonly ObjectReference[];
  /** VolumeSnapshotContents, also those whose VolumeSnapshot is gone. */
  readonly contents: readonly CutContent[];
  readonly machines: readonly CutMachine[];
}

export interface CutContent {
  readonly name: string;
  /** `namespace/name` of its VolumeSnapshot. */
  readonly snapshot: string;
  /** Whether a group made it: it goes with the group. */
  readonly ofGroup: boolean;
}

export interface CutMachine {
  /** Name of the virtual machine. */
  readonly machine: string;
  /** Reference of the snapshot. */
  readonly snapshot: string;
}

/** What is looked for: the point of a stack, and the names that its snapshots have or would have. */
export interface CutQuestion {
  readonly stack: string;
  readonly point: string;
  readonly groupVersion: GroupVersion | undefined;
  /** `namespace/name` of the VolumeSnapshots that the point's claims have or would have. */
  readonly snapshots: ReadonlySet<string>;
}

const SNAPSHOT_API = "snapshot.storage.k8s.io/v1";

/** Reads all that was cut for a point. @param vcenter undefined where the point takes no VMs */
export async function findCut(
  client: ClusterClient,
  vcenter: VcenterClient | undefined,
  question: CutQuestion,
): Promise<CutRemains> {
  const [groups, snapshots, contents, machines] = await Promise.all([
    findGroups(client, question),
    findSnapshots(client, question),
    client.list(SNAPSHOT_API, "VolumeSnapshotContent"),
    vcenter === undefined ? [] : findMachines(vcenter, question),
  ]);
  const groupNames = new Set(groups.map(({ namespace, name }) => `${namespace ?? ""}/${name}`));
  const own = new Set(snapshots.map(({ namespace, name }) => `${namespace ?? ""}/${name}`));
  const known = new Set([...own, ...question.snapshots]);
  const ofGroups = new Set(await groupMembers(client, groups));
  return {
    groups,
    snapshots,
    contents: contents.flatMap((content): CutContent[] => {
      const snapshot = snapshotOf(content);
      const ofGroup = ofGroups.has(snapshot) && groupNames.size > 0;
      return known.has(snapshot) || ofGroup
        ? [{ name: content.metadata.name, snapshot, ofGroup }]
        : [];
    }),
    machines,
  };
}

function selector({ stack, point }: CutQuestion): string {
  return Object.entries({ ...labels(stack), [POINT_LABEL]: point })
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

async function findSnapshots(
  client: ClusterClient,
  question: CutQuestion,
): Promise<ObjectReference[]> {
  const found = await client.list(SNAPSHOT_API, "VolumeSnapshot", {
    labelSelector: selector(question),
  });
  return found.map((object) => referenceTo(object));
}

async function findGroups(
  client: ClusterClient,
  question: CutQuestion,
): Promise<ObjectReference[]> {
  if (question.groupVersion === undefined) {
    return [];
  }
  const apiVersion = `groupsnapshot.storage.k8s.io/${question.groupVersion}`;
  try {
    const found = await client.list(apiVersion, "VolumeGroupSnapshot", {
      labelSelector: selector(question),
    });
    return found.map((object) => referenceTo(object));
  } catch (error) {
    if (error instanceof ClusterError && error.failure === "notServed") {
      return [];
    }
    throw error;
  }
}

/** `namespace/name` of the VolumeSnapshots that the controller made for the groups. */
async function groupMembers(
  client: ClusterClient,
  groups: readonly ObjectReference[],
): Promise<readonly string[]> {
  const names = new Set(groups.map(({ namespace, name }) => `${namespace ?? ""}/${name}`));
  const spaces = [...new Set(groups.map(({ namespace }) => namespace))];
  const lists = await Promise.all(
    spaces.map((namespace) => client.list(SNAPSHOT_API, "VolumeSnapshot", { namespace })),
  );
  return lists.flat().flatMap((snapshot) => {
    const { namespace = "", name } = snapshot.metadata;
    const status = snapshot["status"] as { readonly volumeGroupSnapshotName?: string } | undefined;
    return names.has(`${namespace}/${status?.volumeGroupSnapshotName ?? ""}`)
      ? [`${namespace}/${name}`]
      : [];
  });
}

async function findMachines(
  vcenter: VcenterClient,
  { stack, point }: CutQuestion,
): Promise<CutMachine[]> {
  const machines = await vcenter.machines();
  return machines.flatMap(({ name, snapshots }) =>
    snapshots
      .filter((snapshot) => {
        const owner = parseOwnerMark(snapshot.description);
        const ours = owner?.stack === stack && owner.point === point;
        return ours && snapshot.name === snapshotName(stack, point);
      })
      .map(({ reference }) => ({ machine: name, snapshot: reference })),
  );
}

function snapshotOf(content: ClusterObject): string {
  const spec = (content["spec"] ?? {}) as {
    readonly volumeSnapshotRef?: { readonly namespace?: string; readonly name?: string };
  };
  return `${spec.volumeSnapshotRef?.namespace ?? ""}/${spec.volumeSnapshotRef?.name ?? ""}`;
}

function referenceTo({ apiVersion, kind, metadata }: ClusterObject): ObjectReference {
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace };
}
