import type { BackendId, Site } from "../site";
import { planTopology } from "../topology";
import type { StorageBackend, StorageRequest } from "./backend";
import { generic } from "./generic";
import { lab } from "./lab";
import { linstor } from "./linstor";
import { longhorn } from "./longhorn";
import { mayastor } from "./mayastor";
import { portworx } from "./portworx";
import { rookCeph } from "./rookCeph";
import { vsphereCsi } from "./vsphereCsi";

const BACKENDS: Readonly<Record<BackendId, StorageBackend>> = {
  lab,
  linstor,
  longhorn,
  generic,
  "rook-ceph": rookCeph,
  "vsphere-csi": vsphereCsi,
  mayastor,
  portworx,
};

export const backendIds = Object.keys(BACKENDS) as readonly BackendId[];

export function backendOf(id: BackendId): StorageBackend {
  return BACKENDS[id];
}

/** What the backend of a site is asked. */
export function requestOf(site: Site): StorageRequest {
  const topology = planTopology(site.topology, site.replicationFactor);
  const soft = backendOf(site.backend).soft(site.backendOptions);
  return {
    site,
    topology: soft ? { ...topology, maxPerSite: site.replicationFactor } : topology,
  };
}
