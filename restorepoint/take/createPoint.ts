import type { ClusterClient } from "../../clients/kubernetes/client";
import type { Engine } from "../../engine/engine";
import { intendedNodes } from "../../planning/restorePoints";
import type { PointRecord } from "../../planning/pointRecord";
import type { PointFile, Site, Waiver } from "../../planning/site";
import {
  alone,
  killPoint,
  pointCatalog,
  releaseStore,
  requireCluster,
  whyClosed,
  type PointSystems,
} from "../pointStack";
import { pendingSteps } from "../catalog/entries";
import { CatalogError } from "../catalog/errors";
import { readPoint } from "../knownPoints";
import { startProduct, titleOf } from "../product/stop";
import { readLeftStopped } from "../product/workloads";
import { readProductVolumes } from "../productVolumes";
import { quiesceOf } from "../quiesce";
import { collectRelease } from "../release/collect";
import { takeQuestion, undoTake } from "../undoTake";
import { recordVms } from "../vmInventory";
import { describe } from "./describe";
import { draft, type PointDraft, type PointWish } from "./draft";
import { takeLimits, type TakeLimits } from "./judge";
import { findObjections } from "./objections";
import { TakeError } from "./takeError";
import { CREATE, finishTake, takePoint, type TakePlan, type TakePorts } from "./takePoint";
import { openVmSnapshots } from "./vmSnapshots";

export interface CreateRequest {
  readonly name: string;
  readonly wish: PointWish;
  /** Seconds that every wait may take; default 600. */
  readonly timeoutSeconds?: number | undefined;
}

export interface CreatePorts extends PointSystems {
  /** Opens the engine; called for a point with VM snapshots only. */
  readonly engine: () => Promise<Engine>;
  /**
   * Looks whether the live systems can take the site's points that are in state `taking`, and tells what it found.
   *
   * @returns false when something stands against it
   */
  readonly preflight: (site: Site) => Promise<boolean>;
}

export type Created =
  | { readonly state: "taken" | "unchanged"; readonly point: PointRecord }
  | { readonly state: "refused" | "declined" };

/**
 * Takes a restore point of the whole product: complete, or not at all. What would be done is shown and asked for; then
 * everything is read and judged anew while no other command works on the stack's points.
 *
 * @throws TakeError when it was given up, or when something changed between the question and the answer
 * @throws UsageError for a point that can never be taken
 */
export async function createRestorePoint(
  request: CreateRequest,
  ports: CreatePorts,
): Promise<Created> {
  const client = await requireCluster(ports, "what a restore point would hold", "create");
  try {
    return await create(request, ports, client);
  } catch (error) {
    if (error instanceof CatalogError) {
      await startLeftStopped(ports, client);
    }
    throw error;
  }
}

/** A catalog that cannot be read or written stands in no way of a product that an interrupted run left stopped. */
async function startLeftStopped(ports: CreatePorts, client: ClusterClient): Promise<void> {
  const { product } = ports.stack.site;
  const left = await readLeftStopped(client, product);
  if (
    left.length > 0 &&
    (await ports.ask(
      `Start ${left.map(titleOf).join(", ")}, which an interrupted run left stopped?`,
    ))
  ) {
    await alone(ports, client, async () => {
      await startProduct(client, await readLeftStopped(client, product));
    });
    ports.reporter.warn(
      "The product runs again. That is not written down: the next run that can write does so.",
    );
  }
}

async function create(
  request: CreateRequest,
  ports: CreatePorts,
  client: ClusterClient,
): Promise<Created> {
  const shown = await review(request, ports, client, (line) => ports.reporter.info(line));
  if ("state" in shown) {
    return shown;
  }
  if (!(await ports.ask(shown.question))) {
    return { state: "declined" };
  }
  // What the first look chose by the clock stays as it was shown.
  const wish = { ...request.wish, expires: shown.expires };
  return alone(ports, client, async (signal) => {
    const now = await review({ ...request, wish }, ports, client, () => {});
    if ("state" in now) {
      return now;
    }
    if (JSON.stringify(now.shown) !== JSON.stringify(shown.shown)) {
      throw new TakeError(
        `Something changed between the question and the answer; nothing was changed. Run the command again: ${changedLines(shown.shown, now.shown)}`,
      );
    }
    return now.run(signal);
  });
}

interface Review {
  readonly shown: readonly string[];
  /** RFC 3339. */
  readonly expires: string;
  readonly question: string;
  readonly run: (signal: AbortSignal) => Promise<Created>;
}

function changedLines(before: readonly string[], after: readonly string[]): string {
  return after
    .filter((line) => !before.includes(line))
    .map((line) => line.trim())
    .join("; ");
}

async function review(
  request: CreateRequest,
  ports: CreatePorts,
  client: ClusterClient,
  say: (line: string) => void,
): Promise<Review | Created> {
  const { stack, reporter } = ports;
  const { name, wish } = request;
  const known = await readPoint(stack, client, name);
  const ready = known.record;
  if (ready?.state === "ready") {
    if (!pendingSteps(ready.journal.entries).some(({ command }) => command === CREATE)) {
      return { state: "unchanged", point: ready };
    }
    const shown = [
      `Restore point ${name} was taken at ${ready.takenAt ?? ""} and is whole, but the run that took it was interrupted: ` +
        "the product is started again where it is stopped, and the labels on its claims are taken off.",
    ];
    shown.forEach(say);
    const question = `Finish restore point ${name} of stack ${stack.name}?`;
    const { expires } = ready;
    return {
      shown,
      expires,
      question,
      run: (signal) => finish(ready, request, ports, client, signal),
    };
  }
  const drafted = await draft(ports, client, name, wish, known);
  const { file } = drafted;
  const site = withPoint(stack.site, file);
  const { against, waivers } = await findObjections(site, drafted, client);
  const shown = [...drafted.notes, ...describe(site, drafted, waivers)];
  shown.forEach(say);
  against.forEach((line) => reporter.warn(line));
  if (!(await ports.preflight(site)) || against.length > 0) {
    reporter.info("Nothing was changed.");
    return { state: "refused" };
  }
  const run = (signal: AbortSignal): Promise<Created> =>
    take({ ...drafted, site, waivers }, request, ports, client, signal);
  const { expires } = drafted.point;
  return { shown, expires, question: `Take restore point ${name} of stack ${stack.name}?`, run };
}

/** The site as it declares the point while it is taken. */
function withPoint(site: Site, file: PointFile): Site {
  const others = site.restorePoints.filter(({ name }) => name !== file.name);
  return { ...site, restorePoints: [...others, file] };
}

interface Taking extends PointDraft {
  readonly site: Site;
  readonly waivers: readonly Waiver[];
}

async function take(
  { point, file, volumes, site, waivers }: Taking,
  request: CreateRequest,
  ports: CreatePorts,
  client: ClusterClient,
  signal: AbortSignal,
): Promise<Created> {
  const { stack, vcenter, reporter } = ports;
  const limits = limitsOf(request.timeoutSeconds);
  const nodes = intendedNodes(site, file);
  if (nodes.length > 0 && vcenter.state !== "open") {
    throw new TakeError(
      `The VM snapshots of the point cannot be looked for: ${whyClosed(vcenter, "No vCenter is configured.")}`,
    );
  }
  const vms =
    nodes.length > 0
      ? openVmSnapshots({ stack, file, nodes, engine: ports.engine, signal })
      : undefined;
  const kill = killPoint(stack);
  const journal = await pointCatalog(stack, client).open(point, CREATE);
  if (waivers.length > 0) {
    await journal.note("waivers", { count: waivers.length }, (record) => ({ ...record, waivers }));
  }
  const now = (): Date => new Date();
  const limitMs = limits.ready * 1000;
  const store = releaseStore(stack, client);
  const quiesce = await quiesceOf(point, volumes, {
    client,
    journal,
    site,
    point: point.name,
    reporter,
    now,
    limitMs,
    signal,
    onStep: kill,
  });
  const take: TakePorts = {
    client,
    journal,
    reporter,
    now,
    limits,
    signal,
    vms,
    onStep: kill,
    readVolumes: () => readProductVolumes(client, site),
    checkRelease: ({ name, objects }) =>
      objects === undefined ? Promise.resolve([]) : store.problems(name, objects),
    storeRelease: async () => {
      // Before anything is frozen or stopped: reading a large vCenter takes a while.
      if (nodes.length > 0 && vcenter.state === "open") {
        await recordVms(nodes, site, { vcenter: vcenter.client, journal, now });
      }
      const release = await collectRelease(client, site.product);
      const objects = await store.save(point.name, release, { taken: false });
      const detail = { digest: objects.digest, count: objects.parts };
      await journal.note("release", detail, (record) => ({ ...record, objects }));
    },
    undo: async () => {
      const progress = reporter.progress("Removing what was taken");
      try {
        await undoTake(takeQuestion(site, point), {
          client,
          vcenter: vcenter.state === "open" ? vcenter.client : undefined,
          apiTimeoutMinutes: site.virtualMachines?.apiTimeoutMinutes ?? 60,
          progress,
          onStep: kill,
          limitMs: Math.min(REMOVAL_MS, limitMs),
        });
        progress.done();
      } catch (error) {
        progress.fail((error as Error).message);
        throw error;
      }
    },
  };
  const plan: TakePlan = { site, point, volumes, quiesce };
  return { state: "taken", point: await takePoint(plan, take) };
}

/** Limit for Kubernetes to remove what it was told to, in milliseconds. */
const REMOVAL_MS = 5 * 60_000;

function limitsOf(ready: number = takeLimits.ready): TakeLimits {
  // Whoever gives a volume less time does not wait longer for the first sign of life.
  return { ...takeLimits, ready, answer: Math.min(takeLimits.answer, ready) };
}

async function finish(
  point: PointRecord,
  request: CreateRequest,
  { stack, reporter }: CreatePorts,
  client: ClusterClient,
  signal: AbortSignal,
): Promise<Created> {
  const { site } = stack;
  const journal = await pointCatalog(stack, client).open(point, CREATE);
  const volumes = await readProductVolumes(client, site);
  const quiesce = await quiesceOf(point, volumes, {
    client,
    journal,
    site,
    point: point.name,
    reporter,
    now: () => new Date(),
    limitMs: limitsOf(request.timeoutSeconds).ready * 1000,
    signal,
  });
  await finishTake({ point, quiesce }, { client, journal });
  return { state: "taken", point: journal.record };
}
