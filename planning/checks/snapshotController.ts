import type { Problem } from "../problem";
import type { Site } from "../site";
import { shown } from "../words";

/** A tag after the last slash, or a digest: without either a node pulls what is newest on that day. */
const FIXED = /(:[^/:@]+|@[a-z0-9]+:[0-9a-f]{32,})$/;

const ALLOWED =
  "Allowed: an image of the snapshot-controller of external-snapshotter 8 in the site's registry, with tag or digest";

/** What installing the snapshot controller needs beyond the form of its keys. */
export function snapshotControllerProblems({ snapshots }: Site): readonly Problem[] {
  const { installController, controllerImage } = snapshots;
  if (!installController) {
    return [];
  }
  if (controllerImage === undefined) {
    return [
      {
        path: "snapshots.controllerImage",
        value: undefined,
        message: "snapshots.installController is true, and there is no image to install",
        allowed: `${ALLOWED}; or set snapshots.installController to false`,
      },
    ];
  }
  return FIXED.test(controllerImage)
    ? []
    : [
        {
          path: "snapshots.controllerImage",
          value: shown(controllerImage),
          message: "the image has neither tag nor digest, so that its nodes may run different ones",
          allowed: ALLOWED,
        },
      ];
}
