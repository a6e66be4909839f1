import type { ClaimLineage } from "./catalog/types";
import type { ProductVolumes } from "./productVolumes";

/**
 * Where each claim's bytes lie at the cut, for the ledger: a restore needs what the class said then.
 *
 * @param at RFC 3339
 */
export function lineageOf({ covered }: ProductVolumes, at: string): readonly ClaimLineage[] {
  return covered.map((volume) => ({
    namespace: volume.namespace,
    claim: volume.claim,
    uid: volume.uid,
    at,
    volume: volume.volume,
    volumeHandle: volume.volumeHandle,
    driver: volume.driver,
    className: volume.className ?? "",
    parameters: volume.parameters ?? {},
    capacity: volume.capacity,
    accessModes: volume.accessModes,
    volumeMode: volume.volumeMode,
    ...(volume.fsType === undefined ? {} : { fsType: volume.fsType }),
  }));
}
