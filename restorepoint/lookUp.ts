import { planSite } from "../planning";
import { isLiving } from "../planning/pointMembers";
import type { PointRecord } from "../planning/pointRecord";
import { pointStatus, type PointStatus } from "./inventory";
import { readLiveSnapshots } from "./liveSnapshots";
import { readPoints, requirePoint } from "./knownPoints";
import type { PointStack, PointSystems } from "./pointStack";

/** What is known of points, as catalog and live systems have them. */
export interface Look {
  /** The newest first. */
  readonly points: readonly PointStatus[];
  /** What could not be told, in sentences; each once. */
  readonly unknown: readonly string[];
  readonly now: Date;
}

/** What is known of one point. */
export interface PointLook extends Look {
  readonly point: PointStatus;
  /** What has to be there for the point to lead back. */
  readonly depends: readonly string[];
  /** What differs between the catalog's two sides. */
  readonly notes: readonly string[];
}

/** All points that have not ended. */
export async function lookAtPoints(
  systems: Pick<PointSystems, "stack" | "cluster" | "vcenter">,
): Promise<Look> {
  const known = await readPoints(systems);
  const points = known.points
    .filter(({ state }) => state !== "expired")
    .sort((one, other) => takenTime(other) - takenTime(one));
  return look(systems, points, known.unknown);
}

/** @throws UsageError when there is no such point */
export async function lookAtPoint(
  systems: Pick<PointSystems, "stack" | "cluster" | "vcenter">,
  name: string,
): Promise<PointLook> {
  const { points, unknown, notes } = await readPoints(systems);
  if (unknown.length > 0 && !points.some((one) => one.name === name)) {
    // A record that cannot be read is no point that is not there.
    throw new Error(`Restore point ${name} cannot be looked up: ${unknown.join(" ")}`);
  }
  const record = requirePoint(points, name, systems.stack.name);
  const found = await look(systems, [record], unknown);
  const [point] = found.points as readonly [PointStatus];
  const depends = dependencies(systems.stack, record);
  return {
    ...found,
    point,
    depends,
    notes: notes.get(name) ?? ["the catalog knows nothing of it"],
  };
}

async function look(
  systems: Pick<PointSystems, "stack" | "cluster" | "vcenter">,
  records: readonly PointRecord[],
  unknown: readonly string[],
): Promise<Look> {
  const liveSnapshots = await readLiveSnapshots(systems);
  const now = new Date();
  const maxAgeHours = systems.stack.site.virtualMachines?.maxAgeHours;
  const points = records.map((point) => pointStatus({ point, liveSnapshots, maxAgeHours, now }));
  const all = [...points.flatMap((point) => point.unknown), ...unknown];
  return { points, unknown: [...new Set(all)], now };
}

function takenTime({ takenAt }: PointRecord): number {
  return takenAt === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(takenAt);
}

function dependencies({ site }: PointStack, point: PointRecord): readonly string[] {
  const { snapshotClass } = planSite(site);
  const holds = (kind: string): boolean =>
    point.members.some((member) => member.kind === kind && isLiving(member));
  return [
    ...(holds("volume")
      ? [
          `depends on snapshot class ${snapshotClass?.name ?? "(none)"}, driver ${snapshotClass?.driver ?? "(none)"}, and the storage that holds the volumes`,
        ]
      : []),
    ...(holds("virtualMachine") && site.virtualMachines !== undefined
      ? [`depends on vCenter ${site.virtualMachines.server} and the datastores of the node VMs`]
      : []),
  ];
}
