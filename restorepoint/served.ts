import type { ClusterClient, ListOptions } from "../clients/kubernetes/client";
import { ClusterError } from "../clients/kubernetes/error";
import { field, fieldText, type ClusterObject } from "../clients/kubernetes/object";

/** Group of the API of group snapshots. */
export const GROUP_API = "groupsnapshot.storage.k8s.io";

/** All objects of a kind; one whose CRD is not there has none. */
export async function listServed(
  client: Pick<ClusterClient, "list">,
  apiVersion: string,
  kind: string,
  options: ListOptions = {},
): Promise<readonly ClusterObject[]> {
  try {
    return await client.list(apiVersion, kind, options);
  } catch (error) {
    if (error instanceof ClusterError && error.failure === "notServed") {
      return [];
    }
    throw error;
  }
}

/** Nobody has rights in a namespace that is not there or ends; what that means the command itself says. */
export async function lastingNamespaces(
  client: Pick<ClusterClient, "get">,
  names: readonly string[],
): Promise<readonly string[]> {
  const lasts = await Promise.all(
    names.map(async (name) => {
      try {
        const space = await client.get({ apiVersion: "v1", kind: "Namespace", name });
        return space !== undefined && space.metadata.deletionTimestamp === undefined;
      } catch (error) {
        if (error instanceof ClusterError && error.status === 403) {
          return true;
        }
        throw error;
      }
    }),
  );
  return names.filter((_, index) => lasts[index]);
}

/** All objects of a kind in some namespaces. */
export async function listIn(
  client: Pick<ClusterClient, "list">,
  namespaces: readonly string[],
  apiVersion: string,
  kind: string,
  labelSelector?: string,
): Promise<readonly ClusterObject[]> {
  const lists = namespaces.map((namespace) =>
    client.list(apiVersion, kind, { namespace, labelSelector }),
  );
  return (await Promise.all(lists)).flat();
}

/** apiVersion in which a group is served, the preferred one; undefined where it is not. */
export async function newestServed(
  client: Pick<ClusterClient, "servedVersions">,
  group: string,
): Promise<string | undefined> {
  const [version] = await client.servedVersions(group);
  return version === undefined ? undefined : `${group}/${version}`;
}

/** All objects of a kind of group snapshots, in whatever version they are served; none where they are not. */
export async function listGroups(
  client: Pick<ClusterClient, "list" | "servedVersions">,
  kind: "VolumeGroupSnapshot" | "VolumeGroupSnapshotContent",
  options: ListOptions = {},
): Promise<readonly ClusterObject[]> {
  const apiVersion = await newestServed(client, GROUP_API);
  return apiVersion === undefined ? [] : listServed(client, apiVersion, kind, options);
}

/** `namespace/name` of the group that a group's content is of. */
export function groupOf(content: ClusterObject): string {
  const part = (name: string): string => fieldText(content, "spec", "volumeGroupSnapshotRef", name);
  return `${part("namespace")}/${part("name")}`;
}

/** The driver's id of a group, by its content; empty before it has answered. */
export function groupHandleOf(content: ClusterObject | undefined): string {
  return content === undefined ? "" : fieldText(content, "status", "volumeGroupSnapshotHandle");
}

/** The driver's ids of volume and snapshot of each member of a group. */
interface HandlePair {
  readonly volumeHandle?: string;
  readonly snapshotHandle?: string;
}

/** Those of a group, by its content; v1beta1 has another name for them. */
export function handlePairs(content: ClusterObject | undefined): readonly HandlePair[] {
  const of = (name: string): unknown => content && field(content, "status", name);
  const pairs = of("volumeSnapshotInfoList") ?? of("volumeSnapshotHandlePairList") ?? [];
  return pairs as readonly HandlePair[];
}
