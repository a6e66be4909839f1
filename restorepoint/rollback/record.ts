import { fullName, type ClusterObject } from "../../clients/kubernetes/object";
import { shortHash } from "../../planning/names";
import type { PointRecord, RollbackRecord, RolledClaim } from "../../planning/pointRecord";

/** Name under which the release objects of before a rollback are stored; no point can have it, as points are looked up. */
export function beforeKey(point: string, at: string): string {
  return `before-rollback-${shortHash(JSON.stringify([point, at]))}`;
}

/** The newest rollback of a record. @throws Error where there is none */
export function currentRollback({ name, rollbacks = [] }: PointRecord): RollbackRecord {
  const last = rollbacks.at(-1);
  if (last === undefined) {
    throw new Error(`${name} was never rolled back to`);
  }
  return last;
}

/** Changes the newest rollback of a record. */
export function withRollback(
  record: PointRecord,
  change: (rollback: RollbackRecord) => RollbackRecord,
): PointRecord {
  const rollbacks = record.rollbacks ?? [];
  return {
    ...record,
    rollbacks: [...rollbacks.slice(0, -1), ...rollbacks.slice(-1).map(change)],
  };
}

/** A rollback whose objects of before are no longer stored. */
export function withoutObjects({ objects: _, ...rest }: RollbackRecord): RollbackRecord {
  return rest;
}

/** A rollback of a point. */
export interface OwnedRollback {
  readonly point: PointRecord;
  readonly rollback: RollbackRecord;
}

/** All rollbacks of a stack, the newest first. */
export function rollbacksOf(points: readonly PointRecord[]): readonly OwnedRollback[] {
  return points
    .flatMap((point) => (point.rollbacks ?? []).map((rollback) => ({ point, rollback })))
    .sort((one, other) => Date.parse(other.rollback.at) - Date.parse(one.rollback.at));
}

/** The rollback that was begun and came to no end; there is one at most, since nothing else may begin meanwhile. */
export function unfinishedRollback(points: readonly PointRecord[]): OwnedRollback | undefined {
  return rollbacksOf(points).find(
    ({ rollback: { state } }) => state === "running" || state === "undoing",
  );
}

/** Whether two are of one claim. */
export function isSame(
  one: Pick<RolledClaim, "namespace" | "claim">,
  other: Pick<RolledClaim, "namespace" | "claim">,
): boolean {
  return one.namespace === other.namespace && one.claim === other.claim;
}

/** The live claim of that name. */
export function liveClaim(
  claims: readonly ClusterObject[],
  { namespace, claim }: Pick<RolledClaim, "namespace" | "claim">,
): ClusterObject | undefined {
  return claims.find((one) => fullName(one) === `${namespace}/${claim}`);
}
