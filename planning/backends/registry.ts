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

const BACKENDS: readonly StorageBackend[] = [
  lab,
  linstor,
  longhorn,
  generic,
  rookCeph,
  vsphereCsi,
  mayastor,
  portworx,
];

/** Backends that this version carries. */
export const backendIds: readonly BackendId[] = BACKENDS.map((backend) => backend.id);

/** The backend of an id; undefined for a name that no backend has. */
export function backendOf(id: BackendId): StorageBackend | undefined {
  return BACKENDS.find((backend) => backend.id === id);
}

/** What the backend of a site is asked. */
export function requestOf(site: Site): StorageRequest {
  const topology = planTopology(site.topology, site.replicationFactor);
  const soft = backendOf(site.backend)?.soft(site.backendOptions) === true;
  return {
    site,
    topology: soft ? { ...topology, maxPerSite: site.replicationFactor } : topology,
  };
}
