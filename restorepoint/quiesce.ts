import type { ClusterClient } from "../clients/kubernetes/client";
import { withProgress, type Reporter } from "../clients/reporter";
import type { PointRecord } from "../planning/pointRecord";
import type { Site } from "../planning/site";
import { CatalogError } from "./catalog/errors";
import type { Journal } from "./catalog/journal";
import { brokenHooks, freezeProduct, thawProduct, type FrozenHook } from "./product/freeze";
import { isStopped, startProduct, stopProduct } from "./product/stop";
import { readWorkloadObjects, workloadOf, type Workload } from "./product/workloads";
import type { ProductVolumes } from "./productVolumes";
import { TakeError } from "./take/takeError";

/** How still the product is kept while a point is taken, and how it gets going again. */
export interface Quiesce {
  /**
   * Makes the product still.
   *
   * @returns milliseconds since 1970 until when it stays so by itself; undefined where nothing ends it
   */
  begin(): Promise<number | undefined>;
  /** @throws TakeError when it was not still all the time since `begin` */
  requireHeld(): Promise<void>;
  /**
   * Gets it going again, and writes that down afterwards; repeatable, and to be called after a `begin` that failed, too.
   *
   * @throws Error when it does not go, or it goes and that could not be written down
   */
  end(): Promise<void>;
}

export interface QuiesceOptions {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly site: Site;
  readonly reporter: Reporter;
  /** Limit for the product to stop, in milliseconds. */
  readonly limitMs: number;
  /** Abandons the wait for it. */
  readonly signal?: AbortSignal | undefined;
  /** Called before each workload is touched; tests end the process from it. */
  readonly onStep?: (() => void) | undefined;
}

/** Steps of the journal; the same in every run. */
const STOP_PRODUCT = "stop product";
const FREEZE_PRODUCT = "freeze product";

/** For a point as after a power cut: nothing is made still. */
const noQuiesce: Quiesce = {
  begin: () => Promise.resolve(undefined),
  requireHeld: () => Promise.resolve(),
  end: () => Promise.resolve(),
};

/** How the product is made still for a point. */
export async function quiesceOf(
  point: Pick<PointRecord, "name" | "consistency">,
  { covered }: ProductVolumes,
  options: QuiesceOptions,
): Promise<Quiesce> {
  switch (point.consistency) {
    case "crash":
      return noQuiesce;
    case "frozen":
      return frozen(point.name, options);
    case "stopped":
      return stopped(
        options,
        (await readWorkloadObjects(options.client, options.site.product)).map(workloadOf),
        covered.map(({ volume }) => volume),
      );
  }
}

/** Scales the workloads down and waits until nothing holds their volumes. @param volumes names of the PersistentVolumes */
function stopped(
  { client, journal, site: { product }, reporter, ...limits }: QuiesceOptions,
  stopping: readonly Workload[],
  volumes: readonly string[],
): Quiesce {
  return {
    begin: async () => {
      // Before the first is touched: whoever comes after a killed run has to know what to go back to.
      await journal.begin(STOP_PRODUCT, { count: stopping.length }, (record) => ({
        ...record,
        workloads: stopping,
      }));
      await withProgress(
        reporter,
        "Stopping the product",
        (progress) => stopProduct(client, stopping, { ...limits, product, volumes, progress }),
        () => `${stopping.length} workloads`,
      );
      return undefined;
    },
    requireHeld: async () => {
      if (!(await isStopped(client, stopping, { product, volumes }))) {
        throw new TakeError(
          "The product was started while it was taken: something outside product.workloads scaled it up, or uses its volumes.",
        );
      }
    },
    end: async () => {
      const gone = await startProduct(client, stopping, limits.onStep);
      if (gone.length > 0) {
        reporter.warn(`Not started again, since they were removed meanwhile: ${gone.join(", ")}.`);
      }
      const ended = journal.end(STOP_PRODUCT, {
        outcome: "done",
        count: stopping.length - gone.length,
        ...(gone.length === 0 ? {} : { message: `removed meanwhile: ${gone.join(", ")}` }),
      });
      await written(ended, "The product runs again");
    },
  };
}

/** Freezes the product by its hooks, whose leases end by themselves. */
function frozen(
  point: string,
  { client, journal, site, reporter, signal }: QuiesceOptions,
): Quiesce {
  const { hooks } = site.product;
  const freeze = { client, site, point, signal };
  const seen: FrozenHook[] = [];
  return {
    begin: async () => {
      const lease = Math.max(0, ...hooks.map(({ leaseSeconds }) => leaseSeconds));
      const until = new Date(Date.now() + lease * 1000).toISOString();
      await journal.begin(FREEZE_PRODUCT, { count: hooks.length, until });
      // Nothing is written down from here on until it is thawed.
      await withProgress(
        reporter,
        "Freezing the product",
        (progress) => freezeProduct(freeze, progress, (one) => seen.push(one)),
        () => `${seen.length} hooks`,
      );
      return Math.min(...seen.map(({ leaseEnds }) => Date.parse(leaseEnds)));
    },
    requireHeld: async () => {
      const broken = await brokenHooks(freeze);
      if (broken.length > 0) {
        throw new TakeError(
          `The freeze did not last until every volume was taken: hook ${broken.join("; hook ")}. The product is thawed by new pods.`,
        );
      }
    },
    end: async () => {
      const thawedAt = new Date().toISOString();
      await withProgress(
        reporter,
        "Thawing the product",
        (progress) => thawProduct(freeze, progress),
        () => `${hooks.length} hooks`,
      );
      const frozenHooks = seen.splice(0).map((one) => ({ ...one, thawedAt }));
      const detail = { outcome: "done", count: hooks.length } as const;
      const ended = journal.end(FREEZE_PRODUCT, detail, (record) => ({
        ...record,
        frozen: [...record.frozen, ...frozenHooks],
      }));
      await written(ended, "The product is thawed");
    },
  };
}

/** @throws CatalogError saying what was done all the same */
async function written(entry: Promise<void>, done: string): Promise<void> {
  try {
    await entry;
  } catch (error) {
    throw error instanceof CatalogError
      ? new CatalogError(`${done}, which could not be written down. ${error.message}`)
      : error;
  }
}
