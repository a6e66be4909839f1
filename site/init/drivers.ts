import type { JsonMap } from "../../config/rawConfiguration";
import { backendIds } from "../../planning/index";
import type { BackendId } from "../../planning/site";
import type { ObservedClass } from "./observe";

export interface ChosenDriver {
  readonly driver: string;
  readonly backend: BackendId;
}

/** Names under which the drivers register; Rook puts its operator's namespace before. */
const DRIVERS: readonly (readonly [RegExp, BackendId])[] = [
  [/^linstor\.csi\.linbit\.com$/, "linstor"],
  [/^driver\.longhorn\.io$/, "longhorn"],
  [/^io\.openebs\.csi-mayastor$/, "mayastor"],
  [/^pxd\.portworx\.com$/, "portworx"],
  [/\.(rbd|cephfs)\.csi\.ceph\.com$/, "rook-ceph"],
  [/^csi\.vsphere\.vmware\.com$/, "vsphere-csi"],
  [/^lab\.csi\.atom\.example$/, "lab"],
];

/** The backend that a CSI driver belongs to; undefined for a driver that is not known by name. */
export function backendOfDriver(driver: string): BackendId | undefined {
  return DRIVERS.find(([pattern]) => pattern.test(driver))?.[1];
}

/** Whether this version carries the backend. */
export function isCarried(backend: BackendId): boolean {
  return backendIds.includes(backend);
}

/** Options of the backend that the driver's name, and the classes made with it, tell; defaults are left out. */
export function driverOptions(
  { backend, driver }: { readonly backend: BackendId; readonly driver: string },
  classes: readonly ObservedClass[],
): JsonMap {
  switch (backend) {
    case "generic":
      return { provisioner: driver };
    case "rook-ceph": {
      const [, prefix = "", storage = ""] = /^(.*)\.(rbd|cephfs)\./.exec(driver) ?? [];
      // Rook's classes name the namespace of the CephCluster so.
      const clusters = new Set(classes.map(({ parameters }) => parameters["clusterID"] ?? prefix));
      const namespace = clusters.size === 1 ? ([...clusters][0] ?? prefix) : prefix;
      return {
        ...(storage === "cephfs" ? { storage } : {}),
        ...(namespace === "rook-ceph" ? {} : { namespace }),
        ...(prefix === namespace ? {} : { operatorNamespace: prefix }),
      };
    }
    default:
      return {};
  }
}
