import { VcenterError } from "./error";

/** Three more attempts, 1, 2 and 4 s apart: a power operation or a backup's last step is over by then. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 1_000;

/**
 * Faults that say "not now, nothing was done". Nothing else is tried again: after a lost answer a snapshot may have
 * been cut, and it is found by its name on the next run.
 */
const BUSY: readonly (string | undefined)[] = ["TaskInProgress", "ResourceInUse"];

/** Runs again what a machine was too busy for. */
export async function whenFree<T>(attempt: () => Promise<T>): Promise<T> {
  const { default: pRetry } = await import("p-retry");
  return pRetry(attempt, {
    retries: RETRIES,
    minTimeout: FIRST_PAUSE_MS,
    factor: 2,
    shouldRetry: ({ error }) => error instanceof VcenterError && BUSY.includes(error.fault),
  });
}
