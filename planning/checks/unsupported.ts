import type { Problem } from "../problem";
import type { Site } from "../site";

/**
 * What a stack may ask for and this version does not do. It is refused and never ignored: a point that claims more than
 * was done would be believed at a rollback.
 */
export function unsupportedProblems(site: Site): readonly Problem[] {
  return [...controllerProblems(site)];
}

function controllerProblems({ snapshots }: Site): readonly Problem[] {
  return snapshots.installController
    ? [
        {
          path: "snapshots.installController",
          value: "true",
          message: "this version does not install the snapshot CRDs and the snapshot controller",
          allowed: "Allowed: false; install both with the cluster, the preflight checks for them",
        },
      ]
    : [];
}
