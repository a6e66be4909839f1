import { UsageError } from "../../planning/errors";
import { volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { readLiveSnapshots } from "../liveSnapshots";
import { provenAt } from "../presence";
import { readPoints, requirePoint } from "../knownPoints";
import {
  alone,
  killPoint,
  pointCatalog,
  releaseStore,
  requireCluster,
  type PointSystems,
} from "../pointStack";
import { requireRoom } from "./requireRoom";
import { VERIFY_COMMAND, verifyPoint, type PointVerification } from "./verifyPoint";

export interface VerifyWish {
  readonly name: string;
  /** `namespace/claim` of the volumes to look at; empty means every member. */
  readonly only: readonly string[];
  /** Members at a time, integer from 1 to 64. */
  readonly parallel: number;
  /** Limit for every wait. */
  readonly timeoutSeconds?: number | undefined;
}

export interface Verified {
  readonly verification: PointVerification;
  /** RFC 3339; undefined while the point is not proven as a whole. */
  readonly provenAt: string | undefined;
}

/**
 * Restores every member of a point into scratch claims, looks at the bytes, and removes what it made, while no other
 * command works on the stack's points.
 *
 * @throws UsageError for a point that has nothing to verify, or volumes that it does not hold
 */
export async function verifyRestorePoint(
  wish: VerifyWish,
  systems: PointSystems,
): Promise<Verified> {
  const { stack, vcenter, reporter } = systems;
  const client = await requireCluster(systems, "what the restore point is worth", "verify");
  return alone(systems, client, async (signal) => {
    const { points } = await readPoints(systems);
    const point = pointToVerify(points, wish, stack.name);
    await requireRoom(client, stack.site, point);
    const journal = await pointCatalog(stack, client).open(point, VERIFY_COMMAND);
    const verification = await verifyPoint(
      { ...wish, site: stack.site, point },
      {
        client,
        vcenter,
        journal,
        reporter,
        release: releaseStore(stack, client),
        now: () => new Date(),
        signal,
        onStep: killPoint(stack),
      },
    );
    const { members } = verification;
    const failed = members.some(({ verdict }) => verdict === "failed" || verdict === "unknown");
    await journal.close(failed ? "failed" : "done", { count: members.length });
    const { cluster } = await readLiveSnapshots(systems);
    return { verification, provenAt: provenAt(journal.record, cluster) };
  });
}

function pointToVerify(
  points: readonly PointRecord[],
  { name, only }: VerifyWish,
  stack: string,
): PointRecord {
  const point = requirePoint(points, name, stack);
  if (point.takenAt === undefined || point.state === "expiring" || point.state === "expired") {
    throw new UsageError(
      `Restore point ${name} is ${point.state}: only a point that was taken, and has not ended, can be verified.`,
    );
  }
  const held = volumeMembers(point).map(({ namespace, claim }) => `${namespace}/${claim}`);
  const unknown = only.filter((claim) => !held.includes(claim));
  if (unknown.length > 0) {
    throw new UsageError(
      `--only ${unknown.join(", ")}: restore point ${name} holds no such volume; it holds ${held.join(", ") || "none"}.`,
    );
  }
  return point;
}
