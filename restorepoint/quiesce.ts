import type { ClusterClient } from "../clients/kubernetes/client";
import type { FreezeHook, Site } from "../planning/site";
import type { Journal } from "./catalog/journal";
import { freezeProduct, thawProduct, type FreezeOptions, type Frozen } from "./product/freeze";
import { isStopped, startProduct, stopProduct } from "./product/stop";
import type { Workload } from "./product/workloads";
import type { Reporter } from "../clients/reporter";

/** How still the product is kept while a point is cut, and how it gets going again. */
export interface Quiesce {
  /**
   * Makes the product still.
   *
   * @returns milliseconds since 1970 until when it stays so by itself; undefined where nothing ends it
   */
  begin(): Promise<number | undefined>;
  /** Whether it is as `begin` left it in an earlier run, so that nothing was written since. */
  holds(): Promise<boolean>;
  /** Gets it going again; repeatable, and to be called after a `begin` that failed, too. */
  end(): Promise<void>;
}

export interface QuiesceOptions {
  readonly client: ClusterClient;
  readonly journal: Journal;
  readonly site: Site;
  readonly point: string;
  readonly reporter: Reporter;
  readonly now: () => Date;
  /** Called before each workload is touched; tests end the process from it. */
  readonly onStep?: (() => void) | undefined;
}

/** Steps of the journal; the same in every run. */
export const STOP_PRODUCT = "stop product";
/** Of a product that is being started, some workloads run and may write. */
export const START_PRODUCT = "start product";
const FREEZE_PRODUCT = "freeze product";

/** For a point as after a power cut: nothing is made still. */
export const noQuiesce: Quiesce = {
  begin: () => Promise.resolve(undefined),
  holds: () => Promise.resolve(false),
  end: () => Promise.resolve(),
};

/** Scales the workloads down and waits until nothing holds their volumes. @param volumes names of the PersistentVolumes */
export function stopped(
  { client, journal, site, reporter, onStep }: QuiesceOptions,
  workloads: readonly Workload[],
  volumes: readonly string[],
): Quiesce {
  const stopping = workloads.filter(({ replicas }) => replicas > 0);
  return {
    begin: async () => {
      // Before the first is touched: whoever comes after a killed run has to know what to go back to.
      await journal.begin(STOP_PRODUCT, { count: stopping.length }, (catalogue) => ({
        ...catalogue,
        workloads: stopping,
      }));
      const progress = reporter.progress("Stopping the product");
      try {
        await stopProduct(client, stopping, { product: site.product, volumes, progress, onStep });
        progress.done(`${stopping.length} workloads`);
      } catch (error) {
        progress.fail((error as Error).message);
        throw error;
      }
      return undefined;
    },
    holds: async () => {
      const left = journal.pending().map(({ step }) => step);
      return (
        left.includes(STOP_PRODUCT) &&
        !left.includes(START_PRODUCT) &&
        (await isStopped(client, stopping, { product: site.product, volumes }))
      );
    },
    end: async () => {
      await journal.begin(START_PRODUCT);
      const gone = await startProduct(client, stopping, onStep);
      await journal.end(STOP_PRODUCT);
      await journal.end(START_PRODUCT, {
        outcome: "done",
        count: stopping.length - gone.length,
        ...(gone.length === 0 ? {} : { message: `removed meanwhile: ${gone.join(", ")}` }),
      });
      if (gone.length > 0) {
        reporter.warn(`Not started again, since they were removed meanwhile: ${gone.join(", ")}.`);
      }
    },
  };
}

/** Freezes the product by its hooks, whose leases end by themselves. */
export function frozen(
  { client, journal, site, point, reporter, now }: QuiesceOptions,
  hooks: readonly FreezeHook[],
): Quiesce {
  const options = (title: string): FreezeOptions => ({
    stack: site.stack,
    point,
    product: site.product,
    progress: reporter.progress(title),
    now: () => now().getTime(),
  });
  return {
    begin: async () => {
      await journal.begin(FREEZE_PRODUCT, { count: hooks.length }, (catalogue) => ({
        ...catalogue,
        frozen: [],
      }));
      const freezing = options("Freezing the product");
      try {
        const all = await freezeProduct(client, hooks, freezing, (one) => note(journal, one));
        freezing.progress.done(`${all.length} hooks`);
        return Math.min(...all.map(({ until }) => until));
      } catch (error) {
        freezing.progress.fail((error as Error).message);
        throw error;
      }
    },
    // A lease may have run out, and a thawed product has written.
    holds: () => Promise.resolve(false),
    end: async () => {
      const thawing = options("Thawing the product");
      try {
        await thawProduct(client, hooks, thawing);
        thawing.progress.done(`${hooks.length} hooks`);
      } catch (error) {
        thawing.progress.fail((error as Error).message);
        throw error;
      }
      const thawedAt = now().toISOString();
      await journal.end(FREEZE_PRODUCT, { outcome: "done", count: hooks.length }, (catalogue) => ({
        ...catalogue,
        frozen: catalogue.frozen.map((one) => ({ ...one, thawedAt: one.thawedAt ?? thawedAt })),
      }));
    },
  };
}

function note(journal: Journal, { hook, since, until }: Frozen): Promise<void> {
  const entry = {
    hook: hook.name,
    namespace: hook.namespace,
    frozenAt: new Date(since).toISOString(),
    leaseEnds: new Date(until).toISOString(),
  };
  return journal.note(
    FREEZE_PRODUCT,
    { name: hook.name, namespace: hook.namespace, until: entry.leaseEnds },
    (catalogue) => ({ ...catalogue, frozen: [...catalogue.frozen, entry] }),
  );
}
