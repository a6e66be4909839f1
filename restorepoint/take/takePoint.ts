import { claimChanges, spreadSeconds } from "../../planning/draftPoint";
import type { PointRecord } from "../../planning/pointRecord";
import { ETCD_STEP } from "../etcd/takeSnapshot";
import { lineageOf } from "../productVolumes";
import { requireGoingOn, TakeError } from "./takeError";
import {
  awaitReady,
  CREATE,
  labelClaims,
  requireSpread,
  takeEtcd,
  takeVolumes,
  type TakePlan,
  type TakePorts,
} from "./takeMembers";

/**
 * Takes a restore point: all of it, or nothing. The product is made still, every volume is taken, and the product goes on
 * as soon as the storage has the moment of each; only then is the readiness of each waited for. Whatever fails, the
 * product gets going first, what was taken is removed after that, and what became of it is written down last.
 *
 * A run after a killed one begins anew: what that one took is of another moment, so it is removed. A product that stands
 * still may have run in between.
 *
 * @throws TakeError with the first reason; the point's state is `failed` then, or `ready` when only the end failed
 */
export async function takePoint(plan: TakePlan, ports: TakePorts): Promise<PointRecord> {
  const { journal, reporter } = ports;
  const { quiesce } = plan;
  await clearLeftovers(plan, ports);
  try {
    await attempt(plan, ports);
    await finishTake(plan, ports);
    return journal.record;
  } catch (error) {
    const why = (error as Error).message;
    // What came after the point was complete failed, the product's start say: it is whole and stays.
    const whole = journal.record.state === "ready";
    reporter.warn(whole ? why : `The restore point is given up: ${why}`);
    const problems = await tryAll([
      () => quiesce.end(),
      () => unlabel(plan, ports),
      ...(whole ? [] : [() => undo(ports)]),
      () => journal.close(whole ? "done" : "failed", { message: why }),
    ]);
    throw new TakeError([why, ...problems.filter((one) => one !== why)].join(" "));
  }
}

/** Does for a point that is ready what is left to do, also after a killed run: the product runs, its claims are unmarked. */
export async function finishTake(
  plan: Pick<TakePlan, "point" | "quiesce">,
  ports: Pick<TakePorts, "client" | "journal">,
): Promise<void> {
  const { journal } = ports;
  if (journal.pending(CREATE).some(({ step }) => step !== TAKE_VOLUMES)) {
    await plan.quiesce.end();
  }
  await unlabel(plan, ports);
  await journal.settleAll(CREATE, { outcome: "done" });
  await journal.close("done");
}

/**
 * Pending from before the first volume until nothing is left to do: a run that is killed meanwhile is gone on with where
 * the point was written down as ready, and what it took is removed where it was not.
 */
const TAKE_VOLUMES = "take volumes";

async function attempt(plan: TakePlan, ports: TakePorts): Promise<void> {
  const { site, point, volumes, quiesce } = plan;
  const { client, journal, reporter, vms, signal } = ports;
  const stopped = point.consistency === "stopped";
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    requireGoingOn(signal);
    await journal.begin(name);
    const result = await work();
    await journal.end(name, { outcome: "done" });
    return result;
  };
  const at = new Date().toISOString();
  await journal.note("lineage", { count: volumes.covered.length }, (record) => ({
    ...record,
    lineage: lineageOf(volumes, at),
    uncovered: volumes.uncovered,
  }));
  await step("store release", ports.storeRelease);
  if (point.groupVersion !== undefined) {
    await step("label claims", () => labelClaims(client, point.volumes, point.name, true));
  }
  requireGoingOn(signal);
  await journal.begin(TAKE_VOLUMES, { count: point.volumes.length });
  const leaseEnds = await quiesce.begin();
  const { watch, taken } = await takeVolumes(plan, ports, leaseEnds);
  await quiesce.requireHeld();
  if (!stopped) {
    await quiesce.end();
  }
  const vmMembers = vms === undefined ? [] : await step("take VM snapshots", () => vms.take());
  const etcd =
    stopped && site.nodeBackups.etcd !== undefined
      ? [await step(ETCD_STEP, () => takeEtcd(plan, ports, taken))]
      : [];
  if (stopped) {
    await quiesce.end();
  }
  const members = await awaitReady(plan, ports, watch);
  requireSpread(site, point, members);
  const problems = await ports.checkRelease(journal.record);
  if (problems.length > 0) {
    throw new TakeError(
      `What was stored for the point is not there any more. ${problems.join(" ")} Run the command again.`,
    );
  }
  const changes = claimChanges(point.volumes, (await ports.readVolumes()).covered);
  if (changes.length > 0) {
    throw new TakeError(
      `The product's claims changed while they were taken: ${changes.join("; ")}. Run the command again.`,
    );
  }
  const all = [...vmMembers, ...members, ...etcd];
  await journal.note("complete", { count: all.length }, (record) => ({
    ...record,
    state: "ready",
    takenAt: new Date().toISOString(),
    members: all,
    spreadSeconds: spreadSeconds(members.map(({ createdAt }) => createdAt)),
  }));
  reporter.info(`Restore point ${point.name} is taken: ${all.length} members.`);
}

/** Removes what a killed run has taken, and gets going what it left still. */
async function clearLeftovers(plan: TakePlan, ports: TakePorts): Promise<void> {
  const { journal, reporter } = ports;
  if (journal.pending(CREATE).length === 0) {
    return;
  }
  reporter.info(
    "An earlier run was interrupted; what it took is of another moment and is removed.",
  );
  await plan.quiesce.end();
  await undo(ports);
  await journal.note("begin anew", {}, (record) => ({ ...record, state: "taking" }));
}

async function undo({ journal, undo: remove, vms }: TakePorts): Promise<void> {
  const problems = await tryAll([
    // First: it waits for an engine that outlived a killed run, and may be taking VM snapshots still.
    async () => vms?.forget(),
    remove,
  ]);
  if (problems.length > 0) {
    throw new TakeError(problems.join(" "));
  }
  await journal.settleAll(CREATE, { outcome: "undone" });
  await journal.note("undo", { outcome: "undone" }, (record) => ({ ...record, state: "failed" }));
}

async function unlabel(
  { point }: Pick<TakePlan, "point">,
  { client }: Pick<TakePorts, "client">,
): Promise<void> {
  if (point.groupVersion !== undefined) {
    await labelClaims(client, point.volumes, point.name, false);
  }
}

/** Tries each; what failed is said, and stops nothing. */
async function tryAll(works: readonly (() => Promise<void>)[]): Promise<string[]> {
  const problems: string[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}
