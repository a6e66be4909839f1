import type { ClusterClient } from "../clients/kubernetes/client";
import type { FreezeHook, Site } from "../planning/site";
import { CatalogError } from "./catalog/errors";
import type { Journal } from "./catalog/journal";
import { freezeProduct, thawProduct, type FreezeOptions, type Frozen } from "./product/freeze";
import { isStopped, startProduct, stopProduct } from "./product/stop";
import { readWorkloads, type Workload } from "./product/workloads";
import type { ProductVolumes } from "./productVolumes";
import type { PointRecord } from "../planning/pointRecord";
import type { Reporter } from "../clients/reporter";

/** How still the product is kept while a point is taken, and how it gets going again. */
export interface Quiesce {
  /**
   * Makes the product still.
   *
   * @returns milliseconds since 1970 until when it stays so by itself; undefined where nothing ends it
   */
  begin(): Promise<number | undefined>;
  /** Whether it is as `begin` left it in an earlier run, so that nothing was written since. */
  holds(): Promise<boolean>;
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
  readonly point: string;
  readonly reporter: Reporter;
  readonly now: () => Date;
  /** Limit for the product to stop, in milliseconds. */
  readonly limitMs: number;
  /** Abandons the wait for it. */
  readonly signal: AbortSignal | undefined;
  /** Called before each workload is touched; tests end the process from it. */
  readonly onStep?: (() => void) | undefined;
}

/** Steps of the journal; the same in every run. */
export const STOP_PRODUCT = "stop product";
const FREEZE_PRODUCT = "freeze product";

/** For a point as after a power cut: nothing is made still. */
const noQuiesce: Quiesce = {
  begin: () => Promise.resolve(undefined),
  holds: () => Promise.resolve(false),
  end: () => Promise.resolve(),
};

/** How the product is made still for a point. */
export async function quiesceOf(
  { consistency }: Pick<PointRecord, "consistency">,
  { covered }: ProductVolumes,
  options: QuiesceOptions,
): Promise<Quiesce> {
  switch (consistency) {
    case "crash":
      return noQuiesce;
    case "frozen":
      return frozen(options, options.site.product.hooks);
    case "stopped":
      return stopped(
        options,
        await readWorkloads(options.client, options.site.product),
        covered.map(({ volume }) => volume),
      );
  }
}

/** Scales the workloads down and waits until nothing holds their volumes. @param volumes names of the PersistentVolumes */
function stopped(
  { client, journal, site, reporter, limitMs, signal, onStep }: QuiesceOptions,
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
      const progress = reporter.progress("Stopping the product");
      try {
        await stopProduct(client, stopping, {
          product: site.product,
          volumes,
          progress,
          onStep,
          limitMs,
          signal,
        });
        progress.done(`${stopping.length} workloads`);
      } catch (error) {
        progress.fail((error as Error).message);
        throw error;
      }
      return undefined;
    },
    holds: async () =>
      journal.pending().some(({ step }) => step === STOP_PRODUCT) &&
      (await isStopped(client, stopping, { product: site.product, volumes })),
    end: async () => {
      const gone = await startProduct(client, stopping, onStep);
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
  { client, journal, site, point, reporter, now, signal }: QuiesceOptions,
  hooks: readonly FreezeHook[],
): Quiesce {
  const options = (title: string): FreezeOptions => ({
    stack: site.stack,
    point,
    product: site.product,
    progress: reporter.progress(title),
    now: () => now().getTime(),
    signal,
  });
  const seen: Frozen[] = [];
  return {
    begin: async () => {
      const lease = Math.max(0, ...hooks.map(({ leaseSeconds }) => leaseSeconds));
      const until = new Date(now().getTime() + lease * 1000).toISOString();
      await journal.begin(FREEZE_PRODUCT, { count: hooks.length, until });
      const freezing = options("Freezing the product");
      try {
        // Nothing is written down from here on until it is thawed.
        await freezeProduct(client, hooks, freezing, (one) => seen.push(one));
        freezing.progress.done(`${seen.length} hooks`);
        return Math.min(...seen.map(({ until }) => until));
      } catch (error) {
        freezing.progress.fail((error as Error).message);
        throw error;
      }
    },
    // A lease may have run out, and a thawed product has written.
    holds: () => Promise.resolve(false),
    end: async () => {
      const thawing = options("Thawing the product");
      const thawedAt = now().toISOString();
      try {
        await thawProduct(client, hooks, thawing);
        thawing.progress.done(`${hooks.length} hooks`);
      } catch (error) {
        thawing.progress.fail((error as Error).message);
        throw error;
      }
      const frozenHooks = seen.splice(0).map(({ hook, since, until }) => ({
        hook: hook.name,
        namespace: hook.namespace,
        frozenAt: new Date(since).toISOString(),
        leaseEnds: new Date(until).toISOString(),
        thawedAt,
      }));
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
