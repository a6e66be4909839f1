/**
 * Does something for each item, at most `limit` at a time, and waits for all that were begun. After the first failure
 * nothing more is begun.
 *
 * @returns the failures, in the order of the items
 */
export async function inParallel<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<readonly { readonly item: T; readonly error: unknown }[]> {
  const failures = new Map<number, unknown>();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.size === 0) {
      const index = next;
      next += 1;
      try {
        await work(items[index] as T);
      } catch (error) {
        failures.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  return [...failures]
    .sort(([one], [other]) => one - other)
    .map(([index, error]) => ({ item: items[index] as T, error }));
}
