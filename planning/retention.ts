import type { RecordState } from "./pointRecord";
import type { RetentionPolicy } from "./site";
import { counted } from "./words";

/** What retention has to know of a point. Times are RFC 3339. */
export interface RetainedPoint {
  readonly name: string;
  readonly state: RecordState;
  /** By the clock of whoever took it. */
  readonly takenAt: string | undefined;
  /** Creation time of the newest content, by the storage's clock; undefined where the point has no volume. */
  readonly contentAt: string | undefined;
  /** When a verification last proved it; undefined: never. */
  readonly provenAt: string | undefined;
  readonly expires: string;
  readonly hold: boolean;
}

export interface RetentionDecision {
  readonly name: string;
  readonly action: "keep" | "expire";
  /** Why, as the rest of a sentence that begins with the point's name. */
  readonly reason: string;
}

const DAY_MS = 86_400_000;

/**
 * Which points may be removed now, in the order given. Nothing ends before its `expires`: the policy only keeps longer,
 * and what any rule keeps is kept. The newest proven ready point is never removed; where none is proven, the newest
 * ready one.
 *
 * Points are ordered by the creation time of their contents (else `takenAt`), equal times by name. A point dated after
 * `now` shows that clocks disagree: it is kept, and neither fills a place of a rule nor is it the newest.
 *
 * Only `ready` points fill places. A `failed` one ends at its `expires` with no rule to keep it. Of a `lost` point the
 * other members may be all that is left: the newest is kept until there is a ready one. The removal of an `expiring`
 * one was begun and is finished.
 */
export function decideRetention(
  points: readonly RetainedPoint[],
  policy: RetentionPolicy,
  now: Date,
): readonly RetentionDecision[] {
  const ready = points.filter((point) => point.state === "ready" && !isAhead(point, now));
  const reasons = new Map<string, string[]>();
  const keep = (point: RetainedPoint, reason: string): void => {
    reasons.set(point.name, [...(reasons.get(point.name) ?? []), reason]);
  };
  keepLastResort(points, newestFirst(ready), now, keep);
  keepByPolicy(newestFirst(ready), policy, now, keep);
  return points.map((point) => decide(point, reasons.get(point.name) ?? [], now));
}

type Keep = (point: RetainedPoint, reason: string) => void;

function decide(point: RetainedPoint, kept: readonly string[], now: Date): RetentionDecision {
  const { name, state } = point;
  const always = point.hold ? ["is on hold"] : [];
  if (state === "planned" || state === "taking" || state === "expired") {
    return { name, action: "keep", reason: [...always, unfinished[state]].join("; ") };
  }
  if (state === "expiring") {
    return always.length > 0
      ? { name, action: "keep", reason: always.join("; ") }
      : { name, action: "expire", reason: "its removal was begun and has to be finished" };
  }
  const reasons = [
    ...always,
    ...kept,
    ...(isAhead(point, now)
      ? [`is dated ${aheadOf(point, now) ?? ""}, which is still to come: clocks disagree`]
      : []),
    ...(Date.parse(point.expires) > now.getTime() ? [`expires at ${point.expires}`] : []),
  ];
  return reasons.length > 0
    ? { name, action: "keep", reason: reasons.join("; ") }
    : { name, action: "expire", reason: dueReason(point) };
}

const unfinished = {
  planned: "is not taken yet",
  taking: "is being taken",
  expired: "has expired already; nothing of it is left",
} as const;

function dueReason({ state, expires }: RetainedPoint): string {
  switch (state) {
    case "failed":
      return `failed and expired at ${expires}`;
    case "lost":
      return `lacks a member and expired at ${expires}`;
    default:
      return `expired at ${expires} and no rule keeps it`;
  }
}

/** What is never removed, whatever the policy says. */
function keepLastResort(
  points: readonly RetainedPoint[],
  ready: readonly RetainedPoint[],
  now: Date,
  keep: Keep,
): void {
  // A ready point dated ahead is kept anyway, but it must not take this place from one whose date can be believed.
  const proven = ready.find(({ provenAt }) => provenAt !== undefined);
  const [newest] = ready;
  if (proven !== undefined) {
    keep(proven, "is the newest proven point");
  } else if (newest !== undefined) {
    keep(newest, "is the newest ready point, and none is proven");
  } else {
    const lost = points.filter((point) => point.state === "lost");
    const [last] = newestFirst(lost.filter((point) => !isAhead(point, now)));
    if (last !== undefined) {
      keep(last, "is the newest there is: it lacks a member, and no point is ready");
    }
  }
}

function keepByPolicy(
  ready: readonly RetainedPoint[],
  policy: RetentionPolicy,
  now: Date,
  keep: Keep,
): void {
  const { keepLast = 0, maxAgeDays, daily = 0, weekly = 0, monthly = 0 } = policy;
  for (const point of ready.slice(0, keepLast)) {
    keep(point, keepLast === 1 ? "is the last" : `is one of the last ${keepLast}`);
  }
  if (maxAgeDays !== undefined) {
    const oldest = now.getTime() - maxAgeDays * DAY_MS;
    for (const point of ready.filter((one) => (timeOf(one) ?? 0) >= oldest)) {
      keep(point, `is no older than ${counted(maxAgeDays, "day")}`);
    }
  }
  keepNewestOfEach(ready, dayOf, daily, "day", keep);
  keepNewestOfEach(ready, weekOf, weekly, "week", keep);
  keepNewestOfEach(ready, monthOf, monthly, "month", keep);
}

/** Spans without a point take no place: after a holiday the points before it are as good as they were. */
function keepNewestOfEach(
  ready: readonly RetainedPoint[],
  span: (time: number) => string,
  count: number,
  word: string,
  keep: Keep,
): void {
  const seen = new Set<string>();
  for (const point of ready) {
    const name = span(timeOf(point) ?? 0);
    if (!seen.has(name) && seen.size < count) {
      keep(point, `is the newest of ${name} (${counted(count, word)})`);
    }
    seen.add(name);
  }
}

function newestFirst(points: readonly RetainedPoint[]): readonly RetainedPoint[] {
  return [...points].sort((one, two) => {
    const [first, second] = [timeOf(one) ?? 0, timeOf(two) ?? 0];
    return first === second ? (one.name < two.name ? -1 : 1) : second - first;
  });
}

/** When the contents are of, in milliseconds; undefined when nothing was taken. */
function timeOf({ contentAt, takenAt }: RetainedPoint): number | undefined {
  const text = contentAt ?? takenAt;
  return text === undefined ? undefined : Date.parse(text);
}

/** The date that is still to come: of the contents or of the record, by whichever clock is ahead. */
function aheadOf({ contentAt, takenAt }: RetainedPoint, now: Date): string | undefined {
  return [contentAt, takenAt].find((at) => at !== undefined && Date.parse(at) > now.getTime());
}

function isAhead(point: RetainedPoint, now: Date): boolean {
  return aheadOf(point, now) !== undefined;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function monthOf(time: number): string {
  return new Date(time).toISOString().slice(0, 7);
}

/** ISO 8601: weeks begin on Monday, and belong to the year that their Thursday is in. */
function weekOf(time: number): string {
  const sunday = new Date(time).getUTCDay() === 0;
  const day = sunday ? 7 : new Date(time).getUTCDay();
  const thursday = new Date(time + (4 - day) * DAY_MS);
  const firstDay = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = Math.floor((thursday.getTime() - firstDay) / (7 * DAY_MS)) + 1;
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, "0")}`;
}
