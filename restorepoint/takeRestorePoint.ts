import type { ClusterClient } from "../clients/kubernetes/client";
import { readPointFile } from "../config/pointFile";
import { completeTake, forgetMembers, markTaking, setState } from "../config/pointRecord";
import { claimChanges } from "../planning/draftPoint";
import { volumeMembers } from "../planning/pointMembers";
import type { RestorePointFile, Site } from "../planning/site";
import type { Journal } from "./catalog/journal";
import type { ReleaseRecord } from "./catalog/types";
import type { Reporter } from "../clients/reporter";
import { takeEtcd } from "./takeEtcd";
import { COMPLETE, noteComplete, spreadOf } from "./finishTake";
import { lineageOf } from "./lineage";
import type { ProductVolumes } from "./productVolumes";
import { STOP_PRODUCT, type Quiesce } from "./quiesce";

/** The point is not complete, and what was cut for it is removed. */
export class TakeError extends Error {
  override readonly name = "CutError";
}

export interface TakePlan {
  readonly site: Site;
  /** The point's file on this machine; its state is `taking`. */
  readonly file: string;
  /** What was confirmed. */
  readonly volumes: ProductVolumes;
  readonly quiesce: Quiesce;
}

/** What a cut is done with; each may fail, and may be called again after a killed run. */
export interface TakePorts {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly reporter: Reporter;
  readonly now: () => Date;
  /** Stores the objects of the product's release. */
  readonly storeRelease: () => Promise<ReleaseRecord>;
  /** Reads the product's volumes as they are now. */
  readonly readVolumes: () => Promise<ProductVolumes>;
  /** Gets the claims ready for a group snapshot, and back. */
  readonly labelClaims: (wanted: boolean) => Promise<void>;
  /** Deploys exactly the point: returns when every member is ready and in the point's file. */
  readonly taken: () => Promise<void>;
  /** Removes whatever was cut for the point. */
  readonly undo: () => Promise<void>;
  /** Drops what was removed from the engine's state; the point's file says `failed` by then. */
  readonly forget: () => Promise<void>;
  /** Whether somebody asked to stop: looked at between steps. */
  readonly stopping?: () => boolean;
}

/**
 * Cuts a restore point: all of it, or nothing. The product is made still, every member is cut and looked at, and the point
 * is called ready only then; whatever fails, the product gets going first and what was cut is removed after that.
 *
 * A run after a killed one begins anew: what that one cut is of another moment, so it is removed, unless the product is
 * still stopped since.
 *
 * @throws CutError with the first reason; the point's file says `failed`
 */
export async function takeRestorePoint(
  plan: TakePlan,
  ports: TakePorts,
): Promise<RestorePointFile> {
  const { journal, reporter } = ports;
  const { file, quiesce } = plan;
  await clearLeftovers(plan, ports);
  try {
    const ready = await attempt(plan, ports);
    await journal.close("done");
    return ready;
  } catch (error) {
    const why = (error as Error).message;
    // What came after the cut failed, the product's start say: the point is whole and stays.
    const whole = readPointFile(file).takenAt !== undefined;
    reporter.warn(whole ? why : `The restore point is given up: ${why}`);
    const problems = await tryAll([
      () => quiesce.end(),
      () => ports.labelClaims(false),
      ...(whole ? [] : [() => undo(plan, ports)]),
    ]);
    await journal.close(whole ? "done" : "failed", { message: why });
    throw new TakeError([why, ...problems].join(" "));
  }
}

async function attempt(
  { site, file, volumes, quiesce }: TakePlan,
  ports: TakePorts,
): Promise<RestorePointFile> {
  const { journal, reporter, now } = ports;
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (ports.stopping?.() === true) {
      throw new TakeError("It was interrupted.");
    }
    await journal.begin(name);
    try {
      const result = await work();
      await journal.end(name, { outcome: "done" });
      return result;
    } catch (error) {
      // Only what a killed run left is pending: this run cleans up after itself.
      await journal.end(name, { outcome: "failed", message: (error as Error).message });
      throw error;
    }
  };
  const at = now().toISOString();
  await journal.note("lineage", { count: volumes.covered.length }, (catalogue) => ({
    ...catalogue,
    lineage: lineageOf(volumes, at),
    uncovered: volumes.uncovered,
  }));
  // Of a product that a killed run has stopped, the workloads would say that they have no replicas.
  if (!isStillStopped(journal) || journal.catalogue.objects === undefined) {
    const release = await step("store release", ports.storeRelease);
    const detail = { digest: release.digest, count: release.parts };
    await journal.note("release", detail, (catalogue) => ({ ...catalogue, objects: release }));
  }
  await step("label claims", () => ports.labelClaims(true));
  if (ports.stopping?.() === true) {
    throw new TakeError("It was interrupted.");
  }
  const until = await quiesce.begin();
  await step("cut members", ports.taken);
  const end = now();
  const taken = readPointFile(file);
  if (taken.consistency !== "stopped") {
    await quiesce.end();
  }
  requireStill(taken, until, end);
  requireSpread(site, taken);
  requireSameClaims(taken, await ports.readVolumes());
  const etcd = site.nodeBackups.etcd;
  if (etcd !== undefined && taken.consistency === "stopped") {
    await step("etcd snapshot", () =>
      takeEtcd({ site, file, backup: etcd, client: ports.client, reporter }),
    );
  }
  await journal.begin(COMPLETE);
  completeTake(file, now().toISOString());
  const point = readPointFile(file);
  await noteComplete(journal, point);
  if (taken.consistency === "stopped") {
    await quiesce.end();
  }
  await ports.labelClaims(false);
  reporter.info(`Restore point ${point.name} is cut: ${point.members.length} members.`);
  return point;
}

function isStillStopped(journal: Journal): boolean {
  return journal.pending().some(({ step }) => step === STOP_PRODUCT);
}

/** Removes what a killed run has cut, and gets going what it left still. */
async function clearLeftovers(
  { file, quiesce, ...plan }: TakePlan,
  ports: TakePorts,
): Promise<void> {
  const point = readPointFile(file);
  const began = ports.journal.pending().length > 0 || point.members.length > 0;
  // Nothing was written since to a product that is still stopped, so what was cut is of the same moment.
  if (!began || (await quiesce.holds())) {
    return;
  }
  ports.reporter.info(
    "An earlier run was interrupted; what it cut is of another moment and is removed.",
  );
  await quiesce.end();
  await undo({ ...plan, file, quiesce }, ports);
  markTaking(file);
}

async function undo(
  { file }: TakePlan,
  { journal, undo: remove, forget }: TakePorts,
): Promise<void> {
  await journal.begin("undo");
  await remove();
  forgetMembers(file);
  setState(file, "failed");
  await forget();
  await journal.end("undo", { outcome: "undone" });
}

/** A lease that ran out before every member was cut: the product may have written in between. */
function requireStill(point: RestorePointFile, until: number | undefined, now: Date): void {
  if (until === undefined || now.getTime() < until) {
    return;
  }
  const last = Math.max(...volumeMembers(point).map(({ createdAt }) => Date.parse(createdAt)));
  if (last + CLOCK_MARGIN_MS >= until) {
    throw new TakeError(
      `The freeze ended at ${new Date(until).toISOString()}, before the last volume was cut ` +
        `(${new Date(last).toISOString()}): give the hooks of product.hooks a longer leaseSeconds.`,
    );
  }
}

/** How far the clock of the storage may be behind that of this machine, in milliseconds. */
const CLOCK_MARGIN_MS = 2000;

function requireSpread({ snapshots }: Site, point: RestorePointFile): void {
  const spread = spreadOf(point);
  // A stopped or frozen product writes nothing in between.
  if (point.consistency === "crash" && spread > snapshots.maxSpreadSeconds) {
    throw new TakeError(
      `The volumes were cut over ${spread} s, and snapshots.maxSpreadSeconds is ${snapshots.maxSpreadSeconds}: they are ` +
        "of different moments. Use consistency stopped or frozen, groups, or a greater maxSpreadSeconds.",
    );
  }
}

function requireSameClaims(point: RestorePointFile, { covered }: ProductVolumes): void {
  const changes = claimChanges(point.volumes, covered);
  if (changes.length > 0) {
    throw new TakeError(
      `The product's claims changed while they were cut: ${changes.join("; ")}. Run the command again.`,
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
