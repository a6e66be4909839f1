import type { BackendId } from "../site";
import type { StorageBackend } from "./backend";
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
