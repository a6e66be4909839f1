import type { ClusterClient } from "../../clients/kubernetes/client";
import type { ClusterObject } from "../../clients/kubernetes/object";
import type { Reporter } from "../../clients/reporter";
import { claimChanges, spreadSeconds } from "../../planning/draftPoint";
import { pointLabels, snapshotObjects } from "../../planning/volumeSnapshots";
import type { EtcdMember, PointRecord, VolumeMember } from "../../planning/pointRecord";
import type { EtcdBackup, Site } from "../../planning/site";
import type { Journal } from "../catalog/journal";
import { labelClaims } from "../claimLabels";
import { takeEtcdSnapshot } from "../etcd/takeSnapshot";
import { lineageOf, type ProductVolumes } from "../productVolumes";
import type { Quiesce } from "../quiesce";
import { seenSnapshot, type TakeLimits } from "./judge";
import { readGroupMembers, readMembers } from "./members";
import { postSnapshots } from "./post";
import { requireGoingOn, TakeError } from "./takeError";
import { TakeWatch } from "./watch";
import type { VmSnapshots } from "./vmSnapshots";

/** The command, as the journal names it. */
export const CREATE = "restore-point create";

export interface TakePlan {
  readonly site: Site;
  /** As it was confirmed; state `taking`. */
  readonly point: PointRecord;
  readonly volumes: ProductVolumes;
  readonly quiesce: Quiesce;
}

/** What a point is taken with; each may fail, and may be called again after a killed run. */
export interface TakePorts {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly now: () => Date;
  readonly limits: TakeLimits;
  /** Asks to stop: waits are abandoned, and what was taken is removed. */
  readonly signal?: AbortSignal | undefined;
  /** Stores the objects of the product's release, and what the VMs are made of. */
  readonly storeRelease: () => Promise<void>;
  /** What of the stored objects is not as it was recorded, in sentences. */
  readonly checkRelease: (point: PointRecord) => Promise<readonly string[]>;
  /** Reads the product's volumes as they are now. */
  readonly readVolumes: () => Promise<ProductVolumes>;
  /** Undefined for a point without VM snapshots. */
  readonly vms: VmSnapshots | undefined;
  /** Removes from the live systems whatever was taken for the point. */
  readonly undo: () => Promise<void>;
  /** Called before each object is posted; tests end the process from it. */
  readonly onStep?: () => void;
}

/**
 * Takes a restore point: all of it, or nothing. The product is made still, every volume is taken, and the product goes on
 * as soon as the storage has the moment of each; only then is the readiness of each waited for. Whatever fails, the
 * product gets going first, what was taken is removed after that, and what became of it is written down last.
 *
 * A run after a killed one begins anew: what that one took is of another moment, so it is removed, unless the product is
 * still stopped since.
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
  if (journal.pending().some(({ command }) => command === CREATE)) {
    await plan.quiesce.end();
  }
  await unlabel(plan, ports);
  for (const left of journal.pending().filter(({ command }) => command === CREATE)) {
    await journal.settle(left, { outcome: "done" });
  }
  await journal.close("done");
}

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
  const at = ports.now().toISOString();
  await journal.note("lineage", { count: volumes.covered.length }, (record) => ({
    ...record,
    lineage: lineageOf(volumes, at),
    uncovered: volumes.uncovered,
  }));
  // Of a product that a killed run has stopped, the workloads would say that they have no replicas.
  if (journal.record.objects === undefined || !(await quiesce.holds())) {
    await step("store release", ports.storeRelease);
  }
  if (point.groupVersion !== undefined) {
    await step("label claims", () => labelClaims(client, point.volumes, point.name, true));
  }
  requireGoingOn(signal);
  await journal.begin(TAKE_VOLUMES, { count: point.volumes.length });
  const leaseEnds = await quiesce.begin();
  const { watch, taken } = await takeVolumes(plan, ports, leaseEnds);
  if (!stopped) {
    await quiesce.end();
  }
  if (vms !== undefined) {
    await step("take VM snapshots", () => vms.take());
  }
  const etcd =
    stopped && site.nodeBackups.etcd !== undefined
      ? [await step("etcd snapshot", () => takeEtcd(plan, ports, lastMoment(taken)))]
      : [];
  if (stopped) {
    await quiesce.end();
  }
  const members = await awaitReady(plan, ports, watch);
  await journal.end(TAKE_VOLUMES, { outcome: "done", count: members.length });
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
  const all = [...(vms?.members() ?? []), ...members, ...etcd];
  await journal.note("complete", { count: all.length }, (record) => ({
    ...record,
    state: "ready",
    takenAt: ports.now().toISOString(),
    members: all,
    spreadSeconds: spreadSeconds(members.map(({ createdAt }) => createdAt)),
  }));
  reporter.info(`Restore point ${point.name} is taken: ${all.length} members.`);
}

const TAKE_VOLUMES = "take volumes";

/** Posts the snapshots and waits until the storage has the moment of each; nothing else is done in between. */
async function takeVolumes(
  { site, point }: TakePlan,
  { client, reporter, limits, signal, onStep }: TakePorts,
  leaseEnds: number | undefined,
): Promise<{ readonly watch: TakeWatch; readonly taken: readonly ClusterObject[] }> {
  const { name, groupVersion, volumes } = point;
  const { className } = site.snapshots;
  const subjects = snapshotObjects({
    stack: site.stack,
    point: name,
    className,
    groupVersion,
    volumes,
  });
  const what = groupVersion === undefined ? "volumes" : "groups";
  const progress = reporter.progress(`Taking ${volumes.length} volumes`);
  try {
    await postSnapshots(client, subjects, onStep ?? (() => {}));
    const watch = new TakeWatch({
      client,
      subjects,
      labelSelector: selectorOf(pointLabels({ stack: site.stack, point: name })),
      limits,
      signal,
      onLook: (done, total) => progress.update({ done, total, text: what }),
    });
    const taken = await watch.until("taken", leaseEnds);
    progress.done(`${subjects.length} ${what} taken`);
    return { watch, taken };
  } catch (error) {
    progress.fail((error as Error).message);
    throw error;
  }
}

function selectorOf(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** The latest moment that bytes are of, in milliseconds since 1970; 0 where there is none. */
function lastMoment(taken: readonly ClusterObject[]): number {
  return Math.max(0, ...taken.map((one) => Date.parse(seenSnapshot(one).takenAt ?? "") || 0));
}

/** Takes the point's snapshot of etcd. One that an interrupted run has taken of the same moment is used. */
async function takeEtcd(
  { site, point }: TakePlan,
  { client, reporter, signal }: TakePorts,
  notBefore: number,
): Promise<EtcdMember> {
  const { stack, cluster, nodeBackups } = site;
  const progress = reporter.progress("etcd snapshot");
  try {
    const member = await takeEtcdSnapshot(client, {
      stack,
      namespace: cluster.namespace,
      name: point.name,
      backup: nodeBackups.etcd as EtcdBackup,
      notBefore,
      progress,
      signal,
    });
    progress.done(`${member.file} on ${member.node}`);
    return member;
  } catch (error) {
    progress.fail((error as Error).message);
    throw error;
  }
}

/** Waits until all can be restored. @returns what lasts of them */
async function awaitReady(
  { point, volumes }: TakePlan,
  { client, reporter, limits, signal }: TakePorts,
  watch: TakeWatch,
): Promise<readonly VolumeMember[]> {
  const progress = reporter.progress("Waiting until the snapshots can be used");
  try {
    const live = await watch.until("ready");
    const members =
      point.groupVersion === undefined
        ? await readMembers(client, live, point.volumes)
        : (
            await Promise.all(
              live.map((group) => {
                const { namespace } = group.metadata;
                const own = volumes.covered.filter((one) => one.namespace === namespace);
                return readGroupMembers(client, group, own, { limits, signal });
              }),
            )
          ).flat();
    progress.done(`${members.length} volumes`);
    return members;
  } catch (error) {
    progress.fail((error as Error).message);
    throw error;
  }
}

/** Removes what a killed run has taken, and gets going what it left still. */
async function clearLeftovers(plan: TakePlan, ports: TakePorts): Promise<void> {
  const { journal, reporter } = ports;
  const left = journal.pending().filter(({ command }) => command === CREATE);
  // Nothing was written since to a product that is still stopped, so what was taken is of the same moment.
  if (left.length === 0 || (ports.vms === undefined && (await plan.quiesce.holds()))) {
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
  await remove();
  await vms?.forget();
  for (const left of journal.pending().filter(({ command }) => command === CREATE)) {
    await journal.settle(left, { outcome: "undone" });
  }
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

function requireSpread(
  { snapshots }: Site,
  point: PointRecord,
  members: readonly VolumeMember[],
): void {
  const spread = spreadSeconds(members.map(({ createdAt }) => createdAt));
  // A stopped or frozen product writes nothing in between.
  if (point.consistency === "crash" && spread > snapshots.maxSpreadSeconds) {
    throw new TakeError(
      `The volumes were taken over ${spread} s, and snapshots.maxSpreadSeconds is ${snapshots.maxSpreadSeconds}: they are ` +
        "of different moments. Use consistency stopped or frozen, groups, or a greater maxSpreadSeconds.",
    );
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
