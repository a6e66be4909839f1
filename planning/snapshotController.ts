import type { SnapshotControllerPlan } from "./plan";
import type { Rule } from "./problem";
import type { Site } from "./site";

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
    image: controllerImage,
    namespace: controllerNamespace,
    replicas: nodes.length > 1 ? 2 : 1,
    groups,
    siteLabel: topology.siteLabel,
  };
}

/** A tag after the last slash, or a digest: without either a node pulls what is newest on that day. */
const FIXED = /(:[^/:@]+|@[a-z0-9]+:[0-9a-f]{32,})$/;

const ALLOWED =
  "an image of the snapshot-controller of external-snapshotter 8 in the site's registry, with tag or digest";

/** What installing the snapshot controller needs beyond the form of its keys. */
export function snapshotControllerRules({ snapshots }: Site): readonly Rule[] {
  const { installController: installs, controllerImage: image } = snapshots;
  const path = "snapshots.controllerImage";
  return [
    [
      installs && image === undefined,
      path,
      "snapshots.installController is true, and there is no image to install",
      `${ALLOWED}; or set snapshots.installController to false`,
    ],
    [
      installs && image !== undefined && !FIXED.test(image),
      path,
      "the image has neither tag nor digest, so that its nodes may run different ones",
      ALLOWED,
    ],
  ];
}
