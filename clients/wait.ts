import { setTimeout as sleep } from "node:timers/promises";

export interface Wait {
  /** Limit in milliseconds; the question is asked at least once. Default: none. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds before the second question; doubled each time up to `longestPauseMs`. */
  readonly pauseMs: number;
  /** Default: `pauseMs`. */
  readonly longestPauseMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks again and again until there is an answer.
 *
 * @returns undefined when there was none within the time
 * @throws the signal's reason when it is aborted, and what `ask` throws
 */
export async function waitFor<T>(
  ask: () => Promise<T | undefined>,
  { timeoutMs = Infinity, pauseMs, longestPauseMs = pauseMs, signal }: Wait,
): Promise<T | undefined> {
  const end = performance.now() + timeoutMs;
  for (let wait = pauseMs; ; wait = Math.min(wait * 2, longestPauseMs)) {
    signal?.throwIfAborted();
    const answer = await ask();
    const left = end - performance.now();
    if (answer !== undefined || left <= 0) {
      return answer;
    }
    await pause(Math.ceil(Math.min(wait, left)), signal);
  }
}

/** @throws the signal's reason when it is aborted */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal?.throwIfAborted());
}

/** @throws what `late` makes when the work has not ended within the time; the work itself goes on then */
export async function within<T>(ms: number, work: Promise<T>, late: () => Error): Promise<T> {
  const done = new AbortController();
  const limit = sleep(Math.max(0, ms), undefined, { signal: done.signal }).then(() => {
    throw late();
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    done.abort();
  }
}
