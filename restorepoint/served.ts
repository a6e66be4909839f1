import type { ClusterClient, ListOptions } from "../clients/kubernetes/client";
import { ClusterError } from "../clients/kubernetes/error";
import type { ClusterObject } from "../clients/kubernetes/object";

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
