import type { ClusterObject } from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { waitFor } from "../../clients/wait";
import { verifyName } from "../../planning/names";
import type { VolumeMember } from "../../planning/pointRecord";
import { GROUP_API, groupHandleOf, listGroups, newestServed } from "../served";
import type { ScratchPlace } from "./cleanScratch";
import { verifyLabels } from "./scratchPlan";

/** How long the sidecar may take to look at a group, in milliseconds; the members tell what is wrong after that. */
const LOOK_MS = 30_000;

/**
 * Makes the groups of members known again where the cluster has lost them, after etcd went back say: the controller lets
 * no member be bound whose group it does not know. What is made says Retain and is removed with all other scratch objects.
 *
 * @param driver of the members
 * @returns names of what was made
 */
export async function bindGroups(
  place: ScratchPlace,
  members: readonly VolumeMember[],
  driver: string,
): Promise<readonly string[]> {
  const { client, stack, point, namespace } = place;
  const handles = new Set(members.flatMap(({ groupHandle }) => groupHandle ?? []));
  const apiVersion = handles.size === 0 ? undefined : await newestServed(client, GROUP_API);
  if (apiVersion === undefined) {
    return [];
  }
  const made: string[] = [];
  const live = await listGroups(client, KIND);
  live.forEach((content) => handles.delete(groupHandleOf(content)));
  for (const handle of handles) {
    const name = verifyName(stack, point, `group ${handle}`);
    const volumeSnapshotHandles = members
      .filter(({ groupHandle }) => groupHandle === handle)
      .map((member) => member.handle);
    const object: ClusterObject = {
      apiVersion,
      kind: KIND,
      metadata: { name, labels: verifyLabels(stack, point) },
      spec: {
        deletionPolicy: "Retain",
        driver,
        source: {
          groupSnapshotHandles: { volumeGroupSnapshotHandle: handle, volumeSnapshotHandles },
        },
        volumeGroupSnapshotRef: { name, namespace },
      },
    };
    await client.create(object, FIELD_MANAGER);
    made.push(name);
    const known = async (): Promise<true | undefined> => {
      const found = await client.get({ apiVersion, kind: KIND, name });
      return groupHandleOf(found) === handle || undefined;
    };
    await waitFor(known, { timeoutMs: LOOK_MS, pauseMs: 200 });
  }
  return made;
}

const KIND = "VolumeGroupSnapshotContent";
