import { ClusterError } from "./error";

/** Attempts after the first. Three more at 0.2, 0.4 and 0.8 s: a busy API server, not one that is down. */
const RETRIES = 3;
const FIRST_PAUSE_MS = 200;

/** Whether an answer says that the same request may be sent again: busy, or a failure on the way. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ClusterError)) {
    return false;
  }
  const { failure, status } = error;
  return failure === "answer" && status !== undefined && (status === 429 || status >= 500);
}

/** Whether another writer was faster and the change has to be made again on what is there now. */
export function isConflict(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 409 && error.reason === "Conflict";
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ClusterError && error.status === 404;
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ClusterError && error.reason === "AlreadyExists";
}

/**
 * Runs again what failed in passing. A silent or unreachable server is not asked again: its time-out has been waited
 * for once, and "cannot tell" has to come soon.
 *
 * @param attempt gets its number, from 1
 */
export async function withRetries<T>(
  attempt: (number: number) => Promise<T>,
  again: (error: unknown) => boolean = isPassing,
): Promise<T> {
  const { default: pRetry } = await import("p-retry");
  return pRetry(attempt, {
    retries: RETRIES,
    minTimeout: FIRST_PAUSE_MS,
    factor: 2,
    shouldRetry: ({ error }) => again(error),
  });
}
