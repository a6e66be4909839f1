import type { ClusterClient } from "../../clients/kubernetes/client";
import type { PointRecord } from "../../planning/pointRecord";
import { alone, requireCluster } from "../pointStack";
import { pendingSteps } from "../catalog/entries";
import { CatalogError } from "../catalog/errors";
import { readPoint } from "../knownPoints";
import { startProduct, titleOf } from "../product/stop";
import { readLeftStopped } from "../product/workloads";
import { describe, draft, type PointWish } from "./draft";
import { findObjections } from "./objections";
import { finishCreate, runCreate, type CreatePorts } from "./runCreate";
import { TakeError } from "./takeError";
import { CREATE } from "./takeMembers";

export interface CreateRequest {
  readonly name: string;
  readonly wish: PointWish;
  /** Seconds that every wait may take; default 600. */
  readonly timeoutSeconds?: number | undefined;
}

export type { CreatePorts } from "./runCreate";

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
      const lines = now.shown.filter((line) => !shown.shown.includes(line));
      throw new TakeError(
        `Something changed between the question and the answer; nothing was changed. Run the command again: ${lines.map((line) => line.trim()).join("; ")}`,
      );
    }
    return { state: "taken", point: await now.run(signal) };
  });
}

interface Review {
  readonly shown: readonly string[];
  /** RFC 3339. */
  readonly expires: string;
  readonly question: string;
  readonly run: (signal: AbortSignal) => Promise<PointRecord>;
}

async function review(
  request: CreateRequest,
  ports: CreatePorts,
  client: ClusterClient,
  say: (line: string) => void,
): Promise<Review | Created> {
  const { stack, reporter } = ports;
  const { name, wish, timeoutSeconds } = request;
  const systems = { ...ports, client, timeoutSeconds };
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
    return {
      shown,
      expires: ready.expires,
      question: `Finish restore point ${name} of stack ${stack.name}?`,
      run: (signal) => finishCreate(ready, { ...systems, signal }),
    };
  }
  const drafted = await draft(ports, client, name, wish, known);
  // The site as it declares the point while it is taken.
  const others = stack.site.restorePoints.filter((one) => one.name !== name);
  const site = { ...stack.site, restorePoints: [...others, drafted.file] };
  const { against, waivers } = await findObjections(site, drafted, client);
  const shown = [...drafted.notes, ...describe(site, drafted, waivers)];
  shown.forEach(say);
  against.forEach((line) => reporter.warn(line));
  if (!(await ports.preflight(site)) || against.length > 0) {
    reporter.info("Nothing was changed.");
    return { state: "refused" };
  }
  return {
    shown,
    expires: drafted.point.expires,
    question: `Take restore point ${name} of stack ${stack.name}?`,
    run: (signal) => runCreate({ ...drafted, site, waivers }, { ...systems, signal }),
  };
}
