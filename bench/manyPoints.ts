import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { pointDigest } from "../config/pointDigest";
import type { JsonMap } from "../config/rawConfiguration";
import { volumeSnapshotName } from "../planning/names";
import type { VolumeMember } from "../planning/pointRecord";
import type { RestorePointFile } from "../planning/site";

/** A site as large as it has to work on: cut points, volumes in each, and nodes. */
export interface Size {
  readonly points: number;
  readonly volumes: number;
  readonly nodes: number;
}

const CUT = "2026-11-20T10:00:00.000Z";

/**
 * The lab's values with so many nodes and points; the points' files, all cut and ready, are written below `folder`.
 *
 * @param values of the stack, without secrets
 */
export function manyPoints(values: JsonMap, size: Size, folder: string): JsonMap {
  const names = Array.from({ length: size.points }, (_, index) => `point-${index}`);
  mkdirSync(join(folder, "lab"), { recursive: true });
  for (const name of names) {
    const text = stringify(takeRestorePoint(name, size.volumes));
    writeFileSync(join(folder, "lab", `${name}.yaml`), text);
  }
  return {
    ...values,
    restorePoints: names,
    restorePointsDir: folder,
    virtualMachines: { ...(values["virtualMachines"] as JsonMap), nodes: nodes(size.nodes) },
  };
}

function nodes(count: number): JsonMap[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `worker-${index}`,
    uuid: `42100000-0000-4000-8000-${hex(index)}`,
    role: "worker",
    site: "a",
  }));
}

function takeRestorePoint(name: string, volumes: number): RestorePointFile {
  const members = Array.from({ length: volumes }, (_, index) => member(name, index));
  const point: RestorePointFile = {
    name,
    release: "24.1",
    volumes: members.map(({ namespace, claim, uid }) => ({ namespace, claim, uid })),
    virtualMachines: "none",
    consistency: "crash",
    memory: false,
    quiesce: false,
    expires: "2030-01-01T00:00:00Z",
    hold: false,
    state: "ready",
    takenAt: CUT,
    members,
    digest: undefined,
    groupVersion: undefined,
  };
  return { ...point, digest: pointDigest(point) };
}

function member(point: string, index: number): VolumeMember {
  const claim = `data-${String(index).padStart(4, "0")}`;
  return {
    kind: "volume",
    namespace: "atom",
    claim,
    uid: `7c1f0000-0000-4000-8000-${hex(index)}`,
    snapshot: volumeSnapshotName(point, claim),
    content: `snapcontent-${point}-${index}`,
    handle: `snap-${point}-${index}`,
    createdAt: CUT,
    bytes: 1_073_741_824,
    group: undefined,
    lost: undefined,
    expiredAt: undefined,
  };
}

function hex(index: number): string {
  return index.toString(16).padStart(12, "0");
}
