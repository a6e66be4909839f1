import type { Problem } from "../problem";
import type { RestorePointFile, Site } from "../site";
import { counted, shown } from "../words";
import { isOpen, pointFile } from "./points";

/**
 * What a stack may ask for and this version does not do. It is refused and never ignored: a point that claims more than
 * was done would be believed at a rollback.
 */
export function unsupportedProblems(site: Site): readonly Problem[] {
  return [
    ...controllerProblems(site),
    ...site.restorePoints
      .filter(isOpen)
      .flatMap((point) => [...volumeProblems(site, point), ...freezeProblems(site, point)]),
  ];
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

function volumeProblems(site: Site, point: RestorePointFile): readonly Problem[] {
  return point.volumes.length === 0
    ? []
    : [
        {
          path: "volumes",
          value: counted(point.volumes.length, "volume"),
          message: "this version cuts snapshots of node VMs, not of data volumes",
          allowed: "Allowed: an empty list",
          file: pointFile(site, point),
        },
      ];
}

function freezeProblems(site: Site, point: RestorePointFile): readonly Problem[] {
  return point.consistency === "frozen"
    ? [
        {
          path: "consistency",
          value: shown(point.consistency),
          message: "nothing freezes the product in this version",
          allowed: "Allowed: crash, or stopped with the VMs powered off",
          file: pointFile(site, point),
        },
      ]
    : [];
}
