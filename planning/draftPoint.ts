import { compareText } from "./words";
import {
  emptyRecord,
  type GroupVersion,
  type PointCycle,
  type PointRecord,
  type PointVolume,
} from "./pointRecord";
import type { PointFile, Site } from "./site";

/** What an operator asks of a new restore point; what is absent is chosen by {@link draftPoint}. */
export interface PointRequest {
  readonly name: string;
  readonly release: string;
  readonly consistency?: PointRecord["consistency"] | undefined;
  readonly virtualMachines?: PointFile["virtualMachines"] | undefined;
  readonly memory?: boolean | undefined;
  readonly quiesce?: boolean | undefined;
  /** RFC 3339. */
  readonly expires?: string | undefined;
  readonly cycle?: PointCycle | undefined;
}

/** What the live systems say about a new point. */
export interface PointSurroundings {
  readonly volumes: readonly PointVolume[];
  /** Newest version of the group snapshot API that is served; undefined where there is none. */
  readonly groupVersion: GroupVersion | undefined;
  /** What `virtualMachines` is where the operator does not say. */
  readonly virtualMachines: PointFile["virtualMachines"];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Rule that a waiver may pass: a claim of the product that the point cannot hold. Its subject is `namespace/claim`. */
export const UNCOVERED_CLAIM = "uncovered-claim";

/** Rule that a waiver may pass: something would start a workload while it is stopped. Its subject is `namespace/name`. */
export const SCALED_BACK = "scaled-back";

/** How long a point is kept where the operator does not say: past an upgrade and the days of watching after it. */
const DEFAULT_DAYS = 7;

/** A point that is about to be taken: its record, and what the program declares of it. */
export interface DraftedPoint {
  readonly record: PointRecord;
  readonly file: PointFile;
}

/**
 * The point as it will be taken. Frozen where hooks can freeze the product, else as after a power cut: stopping it is
 * never a default, because ATOM upgrades are rolling.
 */
export function draftPoint(
  site: Site,
  request: PointRequest,
  { volumes, groupVersion, virtualMachines, now }: PointSurroundings,
): DraftedPoint {
  const { name, release } = request;
  const expires = request.expires ?? new Date(now + DEFAULT_DAYS * 86_400_000).toISOString();
  const group = site.snapshots.group === "never" ? undefined : groupVersion;
  const record = emptyRecord({
    name,
    stack: site.stack,
    release,
    state: "taking",
    consistency: request.consistency ?? (site.product.hooks.length > 0 ? "frozen" : "crash"),
    expires,
    ...(request.cycle === undefined ? {} : { cycle: request.cycle }),
    ...(group === undefined ? {} : { groupVersion: group }),
    volumes: volumes
      .map(({ namespace, claim, uid }) => ({ namespace, claim, uid }))
      .sort((one, other) =>
        compareText(`${one.namespace}/${one.claim}`, `${other.namespace}/${other.claim}`),
      ),
  });
  const file = {
    name,
    release,
    state: "taking" as const,
    expires,
    virtualMachines: request.virtualMachines ?? virtualMachines,
    memory: request.memory ?? false,
    quiesce: request.quiesce ?? false,
    consistency: record.consistency,
    volumes: record.volumes.length > 0,
    vms: [],
  };
  return { record, file };
}

/**
 * What `virtualMachines` of a new point is where the operator does not say. A VM snapshot holds the disks of attached
 * volumes fast, so it is no default where a node's VM has any.
 *
 * @param withVolumes nodes whose VMs have volumes of Kubernetes attached
 */
export function defaultVirtualMachines(
  site: Site,
  withVolumes: readonly string[],
): PointFile["virtualMachines"] {
  const pinning = site.backend === "vsphere-csi" || withVolumes.length > 0;
  return site.virtualMachines === undefined || pinning ? "none" : "all";
}

/** How the claims of the product differ from those that a point lists; empty where they are the same. */
export function claimChanges(
  listed: readonly PointVolume[],
  live: readonly PointVolume[],
): readonly string[] {
  const key = ({ namespace, claim }: PointVolume): string => `${namespace}/${claim}`;
  const now = new Map(live.map((volume) => [key(volume), volume]));
  const before = new Map(listed.map((volume) => [key(volume), volume]));
  return [
    ...listed.flatMap((volume) => {
      const found = now.get(key(volume));
      if (found === undefined) {
        return [`claim ${key(volume)} is gone or no longer covered`];
      }
      return found.uid.toLowerCase() === volume.uid.toLowerCase()
        ? []
        : [`claim ${key(volume)} was created anew (UID ${found.uid} instead of ${volume.uid})`];
    }),
    ...live.flatMap((volume) =>
      before.has(key(volume)) ? [] : [`claim ${key(volume)} is new and not in the point`],
    ),
  ].sort(compareText);
}

/**
 * Seconds between the first and the last moment that the bytes of a point are of.
 *
 * @param times RFC 3339
 */
export function spreadSeconds(times: readonly string[]): number {
  const moments = times.map((time) => Date.parse(time));
  return moments.length === 0 ? 0 : (Math.max(...moments) - Math.min(...moments)) / 1000;
}
