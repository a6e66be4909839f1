import type { PointRecord } from "../../planning/pointRecord";
import type { Catalog } from "../catalog/catalog";
import { pendingSteps } from "../catalog/entries";
import type { Journal } from "../catalog/journal";
import { readPoints, requirePoint } from "../knownPoints";
import { copyCatalog, pointCatalog, type PointSystems } from "../pointStack";
import type { EtcdRestore } from "../etcd/procedure";
import { ETCD_STEP } from "../etcd/takeSnapshot";
import { planEtcd, RESTORE_ETCD, type Reverted, type VmPlan } from "./planVms";
import { RollbackError } from "./types";

/** The command, as the journal names it. */
const COMMAND = "rollback --etcd";

/** Notes of the journal: what people are to do. */
const TO_RESTORE = "to restore etcd";

/** How all members of etcd are restored from a point's snapshot; changes nothing. @throws UsageError for no such point */
export async function previewEtcd(name: string, systems: PointSystems): Promise<VmPlan> {
  return (await readWorld(name, systems)).plan;
}

async function readWorld(
  name: string,
  systems: PointSystems,
): Promise<{ readonly record: PointRecord; readonly plan: VmPlan }> {
  const { stack } = systems;
  const { points } = await readPoints(systems);
  const record = requirePoint(points, name, stack.name);
  return { record, plan: planEtcd(stack.site, record) };
}

/**
 * Looks whether people have restored etcd from a point's snapshot, and writes that down; shown, asked for, repeatable.
 *
 * @throws RollbackError saying what to do while it is not restored
 */
export async function restoreEtcd(
  name: string,
  systems: PointSystems,
  show: (plan: VmPlan) => void,
): Promise<Reverted> {
  const { stack, reporter, ask } = systems;
  const { plan, record } = await readWorld(name, systems);
  show(plan);
  const { etcd, refusals } = plan;
  if (etcd === undefined || refusals.length > 0) {
    refusals.forEach((text) => reporter.warn(text));
    reporter.info("Nothing was changed.");
    return { state: "refused", plan };
  }
  if (!(await ask(`Go back to ${etcd.member.file} by these commands, and note it?`))) {
    reporter.info("Nothing was changed.");
    return { state: "declined", plan };
  }
  const begun = await copyCatalog(stack).open(record, COMMAND);
  const journal = await requireRestored(plan, etcd, begun, COMMAND, systems);
  await journal.close("done");
  reporter.info(`etcd is that of ${etcd.member.createdAt}.`);
  return { state: "done", plan };
}

/**
 * Writes the procedure into the journal, and looks whether people have done it.
 *
 * @param journal of the copy off the cluster alone: the record in etcd tells of which moment etcd is
 * @returns one of both places, by which that record is brought up to date: etcd may be restored once more later
 * @throws RollbackError while etcd is of another moment
 */
export async function requireRestored(
  { point }: VmPlan,
  { member, procedure }: EtcdRestore,
  journal: Journal,
  command: string,
  { stack, cluster }: PointSystems,
): Promise<Journal> {
  const { node, file, sha256 } = member;
  const commands = procedure.flatMap((step) => step.commands.map((message) => ({ step, message })));
  const known = journal.record.journal.entries;
  if (!known.some(({ step, detail }) => step === TO_RESTORE && detail.digest === sha256)) {
    await journal.note(TO_RESTORE, { node, file, digest: sha256 });
    for (const { step, message } of commands) {
      await journal.note(`${TO_RESTORE} of ${step.members.join(", ")}`, { message });
    }
  }
  try {
    if (cluster.state !== "open") {
      throw new RollbackError("the cluster does not answer");
    }
    const both = pointCatalog(stack, cluster.client);
    await requireRecordOfThen(point, both);
    const next = await both.open(journal.record, command);
    await next.note(RESTORE_ETCD, { outcome: "done" });
    return next;
  } catch (error) {
    const { message } = error as Error;
    await journal.close("failed", { message });
    throw new RollbackError(
      `etcd is not restored so far: ${message}. Run the commands that were shown, on the nodes, and then this command again.`,
    );
  }
}

/** In a snapshot of etcd the point is still being taken, and of all steps this one is at work. */
async function requireRecordOfThen(point: string, { cluster }: Catalog): Promise<void> {
  const { document } = (await cluster.read(point)) ?? {};
  const steps = pendingSteps(document?.journal.entries ?? []);
  if (document?.state !== "taking" || !steps.some(({ step }) => step === ETCD_STEP)) {
    throw new RollbackError(`${cluster.describe(point)} is of another moment than the snapshot`);
  }
}
