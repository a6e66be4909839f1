import type { SnapshotControllerPlan } from "../plan";
import type { Site } from "../site";
import { groupKinds } from "./groupKinds";
import { definition } from "./schema";
import { volumeKinds } from "./volumeKinds";

/**
 * What to install where the cluster has no snapshots; undefined where it brings them itself.
 *
 * @param groups whether a class of group snapshots is declared
 */
export function planSnapshotController(
  { snapshots, topology }: Site,
  groups: boolean,
): SnapshotControllerPlan | undefined {
  const { installController, controllerImage, controllerNamespace } = snapshots;
  if (!installController || controllerImage === undefined) {
    return undefined;
  }
  const nodes = topology.sites
    .filter(({ role }) => role === "data")
    .flatMap(({ storageNodes }) => storageNodes);
  return {
    crds: [...volumeKinds, ...(groups ? groupKinds : [])].map(definition),
    image: controllerImage,
    namespace: controllerNamespace,
    replicas: nodes.length > 1 ? 2 : 1,
    groups,
    siteLabel: topology.siteLabel,
  };
}
