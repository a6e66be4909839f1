import type { ClusterClient } from "../../clients/kubernetes/client";
import { operator } from "../../clients/process";
import type { PointRecord } from "../../planning/pointRecord";
import type { Journal } from "../catalog/journal";
import {
  alone,
  killPoint,
  pointCatalog,
  releaseStore,
  requireCluster,
  type PointSystems,
} from "../pointStack";
import type { StoredRelease } from "./objects";
import { planRollback } from "./plan";
import { keptClaims, readTarget, readWorld, type RollbackWish } from "./readWorld";
import { withRollback } from "./record";
import { runRollback } from "./run";
import { ROLLBACK_COMMAND, RollbackError, type RollbackPlan, type RollbackWorld } from "./types";

export interface RollbackRequest extends RollbackWish {
  /** Number of a change request, for the record. */
  readonly change?: string | undefined;
  /** Seconds that every wait may take; default 600. */
  readonly timeoutSeconds?: number | undefined;
}

export interface RolledBack {
  readonly state: "done" | "refused" | "declined";
  readonly plan: RollbackPlan;
}

/** What a rollback would do; changes nothing. @throws UsageError for a point or a rollback that is not there */
export async function previewRollback(
  wish: RollbackWish,
  systems: PointSystems,
): Promise<RollbackPlan> {
  const client = await requireCluster(systems, "what a rollback would do", "rollback");
  return planRollback(await readWorld(wish, systems, client));
}

/**
 * Goes back to a point, or undoes that: shown, asked for, read and planned anew while no other command works on the
 * stack's points, and repeatable after any kill.
 *
 * @param show what will be done
 * @throws RollbackError saying where it stopped, what holds, and how to go on or back
 */
export async function rollBack(
  request: RollbackRequest,
  systems: PointSystems,
  show: (plan: RollbackPlan) => void,
): Promise<RolledBack> {
  const { stack, reporter, ask } = systems;
  const client = await requireCluster(systems, "what a rollback would do", "rollback");
  const plan = planRollback(await readWorld(request, systems, client));
  show(plan);
  if (plan.refusals.length > 0) {
    plan.refusals.forEach((text) => reporter.warn(text));
    reporter.info("Nothing was changed.");
    return { state: "refused", plan };
  }
  const what =
    request.direction === "back"
      ? `Go back to ${plan.point}`
      : `Undo the rollback to ${plan.point}`;
  if (!(await ask(`${what} on stack ${stack.name}? The product stops meanwhile.`))) {
    reporter.info("Nothing was changed.");
    return { state: "declined", plan };
  }
  const work = async (signal: AbortSignal): Promise<RolledBack> => {
    const world = await readWorld(request, systems, client);
    const now = planRollback(world);
    if (now.digest !== plan.digest || now.refusals.length > 0) {
      throw new RollbackError(
        "Something changed between preview and rollback; nothing was changed. Run the command again and look at the new preview.",
      );
    }
    await run(now, world, request, { ...systems, signal }, client);
    return { state: "done", plan: now };
  };
  return alone(systems, client, work, { during: ROLLBACK_COMMAND });
}

const LIMIT_SECONDS = 600;

async function run(
  plan: RollbackPlan,
  world: RollbackWorld,
  { change, timeoutSeconds = LIMIT_SECONDS }: RollbackRequest,
  systems: PointSystems,
  client: ClusterClient,
): Promise<PointRecord> {
  const { stack, vcenter, reporter, signal } = systems;
  const journal = await pointCatalog(stack, client).open(world.record, ROLLBACK_COMMAND);
  await begin(journal, plan, world, change);
  let target: Promise<StoredRelease> | undefined;
  return runRollback(plan, world, {
    client,
    vcenter,
    journal,
    reporter,
    store: releaseStore(stack, client),
    now: () => new Date(),
    signal,
    onStep: killPoint(stack),
    limitMs: timeoutSeconds * 1000,
    target: () => (target ??= requireTarget(world, systems, client)),
  });
}

/** Who does what, and all that is needed to go on or back, before anything is touched. */
async function begin(
  journal: Journal,
  { digest, direction }: RollbackPlan,
  world: RollbackWorld,
  change: string | undefined,
): Promise<void> {
  const detail = { digest, ...(change === undefined ? {} : { message: `change ${change}` }) };
  if (direction === "undo") {
    await journal.note("undo", detail, (record) =>
      withRollback(record, (it) => ({ ...it, state: "undoing" })),
    );
    return;
  }
  const at = new Date().toISOString();
  await journal.note("roll back", detail, (record) =>
    world.rollback !== undefined
      ? record
      : {
          ...record,
          rollbacks: [
            ...(record.rollbacks ?? []),
            {
              at,
              who: operator(),
              ...(change === undefined ? {} : { change }),
              digest,
              state: "running",
              claims: keptClaims(world),
              paused: [],
            },
          ],
        },
  );
}

async function requireTarget(
  { record, rollback, direction }: RollbackWorld,
  systems: PointSystems,
  client: ClusterClient,
): Promise<StoredRelease> {
  const target = await readTarget(record, rollback, direction, systems, client);
  if (target === undefined) {
    throw new RollbackError(`The objects to go back to were never stored for ${record.name}.`);
  }
  return target;
}
