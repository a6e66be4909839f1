import { availableParallelism } from "node:os";

/** Memory that one part of the gate may need at most, a lab with two control planes, in bytes. */
const laneBytes = 2 * 1024 ** 3;

/** More labs than these at once wait for each other's disk and ports rather than for processors. */
const maxLanes = 4;

/**
 * How many parts of the gate run side by side on this machine, as far as memory goes: one more than there are processors,
 * as a part waits for a quarter of its time.
 */
export function laneCount(
  processors = availableParallelism(),
  memory = process.availableMemory(),
): number {
  return Math.max(1, Math.min(processors + 1, Math.floor(memory / laneBytes), maxLanes));
}

/**
 * Does all work, so much of it at once; results in the order of the work. Each is begun in that order, so that
 * the longest should stand first.
 */
export async function inLanes<T, R>(
  lanes: number,
  work: readonly T[],
  run: (one: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    for (let index = next++; index < work.length; index = next++) {
      const one = work[index] as T;
      results[index] = await run(one);
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
