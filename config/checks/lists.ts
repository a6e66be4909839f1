import type { Problem } from "../../planning/problem";

/**
 * Entries of a list that say what an earlier entry says already. Empty texts are substitutes and never count.
 *
 * @param suffix - Key of the entry that must differ, e.g. `.name`; empty where the entry itself must.
 */
export function twice(list: string, suffix: string, values: readonly string[]): readonly Problem[] {
  const first = new Map<string, number>();
  return values.flatMap((value, position) => {
    const earlier = first.get(value);
    if (value === "" || earlier === undefined) {
      first.set(value, position);
      return [];
    }
    return [
      {
        path: `${list}[${position}]${suffix}`,
        value: JSON.stringify(value),
        message: `is that of ${list}[${earlier}] already`,
        allowed: undefined,
      },
    ];
  });
}
