import { UsageError } from "../planning/errors";
import { isOpenUpgrade, upgradeEnd, UPGRADE } from "../planning/expiry";
import type { PointRecord } from "../planning/pointRecord";
import { holdPoint } from "./hold";
import { readPoints } from "./knownPoints";
import { alone, pointCatalog, requireCluster, type PointSystems } from "./pointStack";
import { createRestorePoint, type Created, type CreatePorts } from "./take/createPoint";
import { verifyRestorePoint, type Verified } from "./verify/verifyRestorePoint";

/** How long a point is kept after its upgrade was committed, in days. */
const KEPT_DAYS = 7;

/** Name of the point that is taken before a release comes. */
export function upgradePoint(release: string): string {
  return `pre-${release}`.toLowerCase();
}

export interface Begun {
  readonly created: Created["state"];
  readonly name: string;
  /** Undefined where no point was taken. */
  readonly verified: Verified | undefined;
}

/**
 * Before an upgrade: takes the point `pre-RELEASE`, puts it on hold, and verifies it. Run again, it goes on.
 *
 * @param release that will be installed
 * @throws UsageError while another upgrade is at work, or when this one came to its end; TakeError when the point was
 *   given up
 */
export async function beginUpgrade(release: string, ports: CreatePorts): Promise<Begun> {
  const name = upgradePoint(release);
  requireFree(name, (await readPoints(ports)).points);
  const created = await createRestorePoint({ name, wish: {} }, ports);
  const { state } = created;
  if (state === "unchanged") {
    ports.reporter.warn(
      `Restore point ${name} was taken already, at ${created.point.takenAt ?? ""}: whoever goes back to it loses what was written since.`,
    );
  }
  if (state === "refused" || state === "declined") {
    return { created: state, name, verified: undefined };
  }
  await holdPoint(name, true, ports);
  const verified = await verifyRestorePoint({ name, only: [], parallel: 4 }, ports);
  return { created: state, name, verified };
}

/**
 * The point of the upgrade that was begun and neither committed nor aborted.
 *
 * @throws UsageError where there is none, or several
 */
export async function heldPoint(systems: PointSystems): Promise<PointRecord> {
  const held = (await readPoints(systems)).points.filter(isOpenUpgrade);
  const [point, ...others] = held;
  if (point === undefined || others.length > 0) {
    throw new UsageError(
      point === undefined
        ? `Stack ${systems.stack.name} has no upgrade that was begun: no point pre-RELEASE is on hold. Nothing was changed.`
        : `Several points of upgrades are on hold: ${held.map(({ name }) => name).join(", ")}. Let go what is not meant by ./atom restore-point hold NAME --off. Nothing was changed.`,
    );
  }
  return point;
}

/** A point of before an earlier upgrade, or attempt, would lead back too far. */
function requireFree(name: string, points: readonly PointRecord[]): void {
  const other = points.find((point) => point.name !== name && isOpenUpgrade(point));
  if (other !== undefined) {
    throw new UsageError(
      `The upgrade of ${other.name} was begun and not ended: run ./atom upgrade commit or ./atom upgrade abort first. Nothing was changed.`,
    );
  }
  const own = points.find((point) => point.name === name);
  const end = own && upgradeEnd(own);
  if (end !== undefined) {
    throw new UsageError(
      `The upgrade of ${name} was ${end}, and a point is taken once: begin the next one under another name, e.g. ./atom upgrade begin ${name.slice(4)}-2. Nothing was changed.`,
    );
  }
}

/**
 * After an upgrade that is to stay: from now on its point may end.
 *
 * @returns the point, and when it may end
 */
export async function commitUpgrade(
  systems: PointSystems,
): Promise<{ readonly name: string; readonly expires: string }> {
  const client = await requireCluster(systems, "which points there are", "hold");
  return alone(systems, client, async () => {
    const point = await heldPoint(systems);
    const expires = new Date(Date.now() + KEPT_DAYS * 86_400_000).toISOString();
    const journal = await pointCatalog(systems.stack, client).open(point, UPGRADE);
    await journal.note("commit", { until: expires }, (record) => ({
      ...record,
      hold: false,
      expires,
    }));
    await journal.close("done");
    return { name: point.name, expires };
  });
}
