import type { ClusterClient } from "../../clients/kubernetes/client";
import { describeObject, referenceOf, type ClusterObject } from "../../clients/kubernetes/object";
import { carries, FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import { isAlreadyExists } from "../../clients/kubernetes/error";
import { inParallel } from "../../clients/parallel";
import { TakeError } from "./takeError";

/** Requests to the API server in flight: two hundred are posted within a second, and it is not flooded. */
const IN_FLIGHT = 64;

/**
 * Posts all snapshots at once. One that is there already with the point's labels was posted by an interrupted run.
 *
 * @param onStep called before each; tests end the process from it
 * @throws TakeError for an object of somebody else under the name, ClusterError for what could not be posted
 */
export async function postSnapshots(
  client: Pick<ClusterClient, "create" | "get">,
  objects: readonly ClusterObject[],
  onStep: () => void,
): Promise<void> {
  await inParallel(objects, IN_FLIGHT, async (object) => {
    onStep();
    try {
      await client.create(object, FIELD_MANAGER);
    } catch (error) {
      if (!isAlreadyExists(error)) {
        throw error;
      }
      const reference = referenceOf(object);
      const there = await client.get(reference);
      if (there !== undefined && !carries(there, object.metadata.labels ?? {})) {
        throw new TakeError(
          `${describeObject(reference)} is there already and is not of this point: choose another name for the point.`,
        );
      }
    }
  });
}
