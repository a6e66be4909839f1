const LONGEST_VALUE = 80;

/** A value as a problem shows it: text in quotes, and nothing longer than a line can hold. */
export function shown(value: string | number | boolean | null | readonly string[]): string {
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

/** More names than these are no sentence, and a site may have hundreds of nodes. */
const MOST_LISTED = 10;

/** `a`, `a and b`, `a, b and c`; of what may be chosen all, of what is told the first ten and how many more there are. */
export function listed(items: readonly string[], word: "and" | "or" = "and"): string {
  if (word === "and" && items.length > MOST_LISTED) {
    return `${items.slice(0, MOST_LISTED).join(", ")} … and ${items.length - MOST_LISTED} more`;
  }
  const last = items.at(-1);
  if (last === undefined) {
    return "none";
  }
  return items.length === 1 ? last : `${items.slice(0, -1).join(", ")} ${word} ${last}`;
}

/** `1 copy`, `2 copies`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Order by code unit: the same on every machine, whatever its locale. */
export function compareText(one: string, two: string): number {
  return one < two ? -1 : one > two ? 1 : 0;
}

/** How often each text occurs, in the order in which they first do. */
export function countBy(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}

/** Seconds of a length of time as a stack file has it, e.g. `30m`, `24h`, `7d`. */
export function spanSeconds(text: string): number {
  const units: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? Number.NaN);
}

/** A length of time in its two largest units, e.g. `3 days 4 hours`. @param seconds whole ones or not, of either sign */
export function duration(seconds: number): string {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  const parts = [
    [Math.floor(minutes / 1440), "day"],
    [Math.floor((minutes % 1440) / 60), "hour"],
    [minutes % 60, "minute"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  const words = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return first < 0
    ? "less than a minute"
    : words.map(([count, unit]) => counted(count, unit)).join(" ");
}

/** One word for a POSIX shell, whatever it holds. */
export function shellQuote(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
