import { type Markup, markup } from "./markup";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** A moment for people, in UTC; text that is no date-time is shown as it is. */
export function moment(rfc3339: string): Markup {
  const at = Date.parse(rfc3339);
  if (Number.isNaN(at)) {
    return markup`${rfc3339}`;
  }
  const iso = new Date(at).toISOString();
  return markup`<time datetime="${iso}">${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC</time>`;
}

/** A length of time in its two largest units, e.g. `3 days 4 hours`. */
export function duration(milliseconds: number): string {
  const length = Math.abs(milliseconds);
  if (length < minute) {
    return "less than a minute";
  }
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(length / day), "day"],
    [Math.floor((length % day) / hour), "hour"],
    [Math.floor((length % hour) / minute), "minute"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`)
    .join(" ");
}

/** Whether an end has passed; one that is no date-time counts as passed. */
export function isOver(end: string, now: string): boolean {
  return !(Date.parse(end) > Date.parse(now));
}
