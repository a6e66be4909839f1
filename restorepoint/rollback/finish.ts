import { field } from "../../clients/kubernetes/object";
import { FIELD_MANAGER } from "../../clients/kubernetes/ownObjects";
import type { PausedObject, PointRecord } from "../../planning/pointRecord";
import { paused } from "../product/hazards";
import { beforeKey, currentRollback, isSame, withoutObjects, withRollback } from "./record";
import { settleRestored, type RunPorts } from "./restore";
import type { Direction, RollbackPlan, RollbackWorld } from "./types";
import { claimReference, setPolicy } from "./volumes";

/** The end, in the cluster and in the catalog. */
export async function resume(
  { direction, point }: RollbackPlan,
  world: RollbackWorld,
  ports: RunPorts,
): Promise<void> {
  const { client, journal, onStep, reporter, store } = ports;
  const rollback = currentRollback(journal.record);
  const isGitOps = ({ kind }: PausedObject): boolean => kind !== "ScaledObject";
  for (const one of rollback.paused.filter((it) => direction === "undo" || !isGitOps(it))) {
    onStep();
    await client.modify(one, FIELD_MANAGER, (live) => paused(live, false));
  }
  for (const { kept, made } of rollback.claims) {
    const used = direction === "back" ? made : kept;
    if (used !== undefined && kept !== undefined) {
      onStep();
      await setPolicy(client, used.volume, kept.policy);
    }
  }
  if (direction === "undo") {
    await settleRestored(world, ports);
    await journal.note("forget objects", {}, (record) => withRollback(record, withoutObjects));
    await store.remove(beforeKey(point, rollback.at));
  } else {
    rollback.paused
      .filter(isGitOps)
      .forEach(({ kind, namespace, name }) =>
        reporter.warn(
          `${kind} ${namespace}/${name} stays paused: let its source say this release, and resume it then. It was paused for ${point}.`,
        ),
      );
  }
}

/** One write: whatever was killed before it goes on, and whatever comes after it is another rollback. */
export async function close({ direction }: RollbackPlan, ports: RunPorts): Promise<void> {
  const { journal, now } = ports;
  const at = now().toISOString();
  const lineage = await lineageNow(journal.record, direction, at, ports);
  await journal.close("done", {}, (record) => ({
    ...withRollback(record, (it) => ({
      ...it,
      state: direction === "back" ? "done" : "undone",
      ended: at,
    })),
    lineage: [...record.lineage, ...lineage],
  }));
}

/** The claims that took the place of those of the point: older points lead back for them, too. */
async function lineageNow(
  record: PointRecord,
  direction: Direction,
  at: string,
  { client }: RunPorts,
): Promise<PointRecord["lineage"]> {
  const found = await Promise.all(
    currentRollback(record).claims.map(async (one) => {
      const live = await client.get(claimReference(one));
      const then = record.lineage.findLast((it) => isSame(it, one));
      const used = direction === "back" ? one.made : one.kept;
      return live === undefined || then === undefined || used === undefined
        ? []
        : [
            {
              ...then,
              at,
              uid: (live.metadata.uid ?? "").toLowerCase(),
              volume: used.volume,
              volumeHandle: used.handle,
              capacity: String(field(live, "status", "capacity", "storage") ?? then.capacity),
            },
          ];
    }),
  );
  return found.flat();
}
