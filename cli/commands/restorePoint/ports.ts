import type { ClusterClient } from "../../../clients/kubernetes/client";
import { readPointFile } from "../../../config/pointFile";
import { ledgerFolder } from "../../../restorepoint/catalog/folderSide";
import type { ReleaseRecord } from "../../../restorepoint/catalog/types";
import { collectRelease } from "../../../restorepoint/release/collect";
import { PartFolder } from "../../../restorepoint/release/partFolder";
import { ReleaseStore } from "../../../restorepoint/release/store";
import { recordVms } from "../../../restorepoint/vmInventory";
import type { TakePorts } from "../../../restorepoint/takeRestorePoint";
import { COMPLETED_BY_COMMAND } from "../../../restorepoint/recorder";
import { takeQuestion, undoTake } from "../../../restorepoint/undoTake";
import { CREATE } from "../../../restorepoint/finishTake";
import { killListener } from "../../../drift/killPoints";
import type { Reporter } from "../../../clients/reporter";
import type { Site } from "../../../planning/site";
import { vmKey, memberKey, volumeKey } from "../../../planning/pointMembers";
import { intendedNodes } from "../../../planning/restorePoints";
import type { TakeLimits } from "../../../restorepoint/judgeTaken";
import { TakeError } from "../../../restorepoint/takeRestorePoint";
import type { OpenAccess } from "../../../site/up/access";
import type { Deployer } from "../../../site/up/deployer";
import { application } from "../../../site/up/reading";
import { readSituation } from "../../../site/up/situation";
import { openStack, type OpenStack } from "../../stack";
import { claimLabeller, pointLedger } from "./pointLedger";
import { partition, pendingLines, type PointReview } from "./review";

export interface PortOptions {
  readonly stack: OpenStack;
  readonly deployer: Deployer;
  readonly access: OpenAccess;
  readonly client: ClusterClient;
  readonly review: PointReview;
  readonly reporter: Reporter;
  readonly stopping: () => boolean;
  readonly limits: TakeLimits;
}

/** What `create` cuts a point with, on a real site and in the lab. */
export async function takePorts(options: PortOptions): Promise<Omit<TakePorts, "readVolumes">> {
  const { stack, client, review, reporter, stopping } = options;
  const now = (): Date => new Date();
  const { point, waivers } = review;
  const seed = { release: point.release, consistency: point.consistency };
  const journal = await pointLedger(stack, client).open(point.name, CREATE, seed);
  if (waivers.length > 0) {
    await journal.note("waivers", { count: waivers.length }, (catalogue) => ({
      ...catalogue,
      waivers,
    }));
  }
  return {
    client,
    journal,
    reporter,
    now,
    stopping,
    storeRelease: async () => {
      // Before anything is frozen or stopped: reading a large vCenter takes a while.
      await recordVmsOf(options, { journal, now });
      return storeRelease(options);
    },
    labelClaims: claimLabeller(client, point),
    taken: () => deploy(options),
    undo: () => undo(options),
    forget: () => forget(options),
  };
}

async function storeRelease({ stack, client, review }: PortOptions): Promise<ReleaseRecord> {
  const { root, name, site } = stack;
  const own = { client, stack: name, namespace: site.cluster.namespace };
  const folder = new PartFolder(ledgerFolder(root, site.ledgerDir, name));
  const collected = await collectRelease(client, site.product);
  return new ReleaseStore(own, folder).save(review.point.name, collected, { taken: false });
}

/** What a machine was made of can only be read before a revert. */
async function recordVmsOf(
  { stack, access, review }: PortOptions,
  ports: Pick<TakePorts, "journal" | "now">,
): Promise<void> {
  const nodes = intendedNodes(stack.site, review.point);
  if (nodes.length > 0 && access.vcenter.state === "open") {
    await recordVms(nodes, stack.site, { vcenter: access.vcenter.client, ...ports });
  }
}

/** Deploys the point and nothing else, and looks that every member is written down. */
async function deploy({ stack, deployer, access, review, limits }: PortOptions): Promise<void> {
  const { root, raw, site, stackFile, name } = openStack(stack.name, []);
  const deployed = await deployer.load(stackFile.path);
  const situation = await readSituation({ root, site, raw, deployed, access });
  const { own, others } = partition(situation.steps, site.restorePoints, review.point.name);
  const against = own.filter(({ kind }) => kind === "refuse" || kind === "unknown");
  const lines = [
    ...pendingLines(others),
    ...against.map(({ object, reason }) => `${object}: ${reason}`),
  ];
  if (lines.length > 0) {
    throw new TakeError(lines.join(" "));
  }
  process.env[COMPLETED_BY_COMMAND] = name;
  try {
    await deployer.apply({
      ...application({ ...stack, site, stackFile }, situation, situation.steps, access),
      takeLimits: limits,
    });
  } finally {
    delete process.env[COMPLETED_BY_COMMAND];
  }
  requireWhole(review, site);
}

/** A member that is nowhere written down could not be found again. */
function requireWhole({ file, point }: PointReview, site: Site): void {
  const recorded = new Set(readPointFile(file).members.map(memberKey));
  const wanted = [
    ...point.volumes.map(({ namespace, claim }) => volumeKey(namespace, claim)),
    ...intendedNodes(site, { ...point, takenAt: undefined }).map(vmKey),
  ];
  const missing = wanted.filter((key) => !recorded.has(key));
  if (missing.length > 0) {
    throw new TakeError(`Not written down after the cut: ${missing.join(", ")}.`);
  }
}

/** Limit for Kubernetes to remove what it was told to, in milliseconds. */
const REMOVAL_MS = 5 * 60_000;

/** Removes what is there of the point, and nothing else. */
async function undo(options: PortOptions): Promise<void> {
  const { stack, client, access, review, reporter, limits } = options;
  const { site } = stack;
  const { point } = review;
  const vcenter = access.vcenter.state === "open" ? access.vcenter.client : undefined;
  if (vcenter === undefined && intendedNodes(site, point).length > 0) {
    const why = access.vcenter.state === "unknown" ? access.vcenter.why : "";
    throw new TakeError(`The VM snapshots of the point cannot be looked for: ${why}`);
  }
  const progress = reporter.progress("Removing what was cut");
  try {
    const apiTimeoutMinutes = site.virtualMachines?.apiTimeoutMinutes ?? 60;
    const onStep = killListener();
    await undoTake(takeQuestion(site, point), {
      client,
      vcenter,
      apiTimeoutMinutes,
      progress,
      onStep: () => onStep("planned", ""),
      // Whoever gives a cut less time does not wait longer for its removal.
      limitMs: Math.min(REMOVAL_MS, limits.ready * 1000),
    });
    progress.done();
  } catch (error) {
    progress.fail((error as Error).message);
    throw error;
  }
}

/** The engine's state still has what is gone; the file says `failed`, so that nothing of the point is declared. */
async function forget({ stack, deployer, access, review }: PortOptions): Promise<void> {
  const { root, raw, site, stackFile } = openStack(stack.name, []);
  const deployed = await deployer.load(stackFile.path);
  const situation = await readSituation({ root, site, raw, deployed, access });
  const { own } = partition(situation.steps, site.restorePoints, review.point.name);
  const other = own.find(({ kind }) => kind !== "forget" && kind !== "same");
  if (other !== undefined) {
    throw new TakeError(`${other.object}: ${other.reason}`);
  }
  if (own.length > 0) {
    await deployer.apply(application({ ...stack, site, stackFile }, situation, own, access));
  }
}
