import { backendIds } from "../../planning/index";
import type { BackendId } from "../../planning/site";

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
