import { createHash } from "node:crypto";

import type { RestorePointFile } from "../planning/site";

/**
 * SHA-256, in hexadecimal, over what a cut fixes: name, release, volumes, virtualMachines, consistency, memory,
 * quiesce, groupVersion, takenAt and members without `lost` and `expiredAt`. State, expiry and hold may change afterwards.
 */
export function pointDigest(point: RestorePointFile): string {
  return createHash("sha256")
    .update(canonicalJson(fixedFields(point)))
    .digest("hex");
}

function fixedFields(point: RestorePointFile): unknown {
  return {
    name: point.name,
    release: point.release,
    volumes: point.volumes,
    virtualMachines: point.virtualMachines,
    consistency: point.consistency,
    memory: point.memory,
    quiesce: point.quiesce,
    takenAt: point.takenAt ?? null,
    members: point.members.map(({ lost: _lost, expiredAt: _expiredAt, ...fixed }) => fixed),
    // Absent keys are left out by JSON, so that points of before keep their digest.
    groupVersion: point.groupVersion,
  };
}

/** JSON with keys in order and no blanks: equal values give equal text, however they were written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)),
        )
      : inner,
  );
}
