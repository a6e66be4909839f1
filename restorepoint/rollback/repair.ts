import { UsageError } from "../../planning/errors";
import { memberKey } from "../../planning/pointMembers";
import type { VolumeMember } from "../../planning/pointRecord";
import { readPoints, requirePoint } from "../knownPoints";
import { readCluster } from "../liveSnapshots";
import { alone, killPoint, pointCatalog, requireCluster, type PointSystems } from "../pointStack";
import { bindableMembers, unboundMembers } from "../presence";
import { readSources } from "../verify/verifyPoint";
import { bindMembers } from "./bind";

const REPAIR_COMMAND = "restore-point repair";

const LIMIT_MS = 10 * 60_000;

export interface Repaired {
  readonly state: "done" | "declined" | "nothing" | "refused";
  /** What was not bound before. */
  readonly members: readonly VolumeMember[];
}

/**
 * Binds the VolumeSnapshots of a point again that somebody removed, or that a new cluster does not know: shown, asked for,
 * repeatable.
 *
 * @throws UsageError for a point that is not there or leads nowhere; RollbackError naming what cannot be bound
 */
export async function repairPoint(
  name: string,
  systems: PointSystems,
  show: (lines: readonly string[]) => void,
): Promise<Repaired> {
  const { stack, ask, reporter } = systems;
  const client = await requireCluster(systems, "what is still bound", "rollback");
  const { points, unknown } = await readPoints(systems);
  const point = requirePoint(points, name, stack.name);
  if (unknown.length > 0) {
    throw new Error(
      `It is unknown what the catalog has: ${unknown.join(" ")} Nothing was changed.`,
    );
  }
  if (point.takenAt === undefined || point.state === "expiring" || point.state === "expired") {
    throw new UsageError(`Restore point ${name} is ${point.state}: there is nothing to repair.`);
  }
  const live = await readCluster(client);
  const unbound = unboundMembers(point, live);
  const members = bindableMembers(unbound, live);
  const left = unbound.filter((one) => !members.includes(one));
  if (left.length > 0) {
    reporter.warn(
      `The cluster knows the groups of ${left.map(memberKey).join(", ")} no more, and members are not bound without them: ` +
        "verify and rollback restore them by their handles.",
    );
  }
  // A run that was killed at its very end has bound all and not said so.
  const last = point.journal.entries.at(-1);
  const isOver = last?.command !== REPAIR_COMMAND || last.event === "closed";
  if (members.length === 0) {
    show([
      left.length === 0
        ? `Restore point ${name}: every living volume is bound.`
        : `Restore point ${name}: nothing can be bound.`,
    ]);
    if (isOver) {
      return { state: left.length === 0 ? "nothing" : "refused", members };
    }
  }
  show(
    members.map(
      (member) =>
        `binds VolumeSnapshot ${member.namespace}/${member.snapshot} of claim ${member.claim} to ${member.handle}`,
    ),
  );
  if (
    members.length > 0 &&
    !(await ask(`Bind ${members.length} of the snapshots of ${name} again?`))
  ) {
    reporter.info("Nothing was changed.");
    return { state: "declined", members };
  }
  return alone(systems, client, async (signal) => {
    const journal = await pointCatalog(stack, client).open(point, REPAIR_COMMAND);
    const now = await readCluster(client);
    const open = bindableMembers(unboundMembers(journal.record, now), now);
    const sources = await readSources({ site: stack.site, point: journal.record }, { client });
    const progress = reporter.progress(`Binding ${open.map(memberKey).join(", ")}`);
    const onStep = killPoint(stack);
    try {
      await bindMembers(open, sources, { client, journal, onStep, limitMs: LIMIT_MS, signal });
    } catch (error) {
      const { message } = error as Error;
      progress.fail(message);
      await journal.close("failed", { message });
      throw error;
    }
    await journal.settleAll(REPAIR_COMMAND, { outcome: "done" });
    await journal.close("done");
    progress.done();
    return { state: "done", members };
  });
}
