import assert from "node:assert/strict";
import * as fc from "fast-check";
import { decideRetention, type RetainedPoint } from "../../../planning/retention";
import type { RetentionPolicy } from "../../../planning/site";

/** What a site may have come to, and the moment at which retention looks at it. */
export interface History {
  readonly points: readonly RetainedPoint[];
  readonly policy: RetentionPolicy;
  readonly now: Date;
}

const START = Date.UTC(2026, 10, 25, 12);
const HOUR = 3_600_000;

/** From two years ago until a week ahead, in whole hours, so that equal times are common. */
const moment = fc
  .oneof(
    fc.integer({ min: -17_520, max: 168 }),
    fc.integer({ min: -240, max: 3 }),
    fc.integer({ min: -30, max: 3 }),
  )
  .map((hours) => new Date(START + hours * HOUR).toISOString());

const randomPoint = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9]{0,3}$/),
  state: fc.constantFrom(
    ...(["ready", "ready", "ready", "ready", "ready", "planned", "taking"] as const),
    ...(["failed", "lost", "expiring", "expired"] as const),
  ),
  takenAt: moment,
  contentAt: fc.option(moment, { nil: undefined }),
  provenAt: fc.option(moment, { nil: undefined, freq: 3 }),
  expires: moment,
  hold: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
});

const count = fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined, freq: 1 });

export const histories: fc.Arbitrary<History> = fc.record({
  points: fc.uniqueArray(randomPoint, { maxLength: 30, selector: ({ name }) => name }),
  policy: fc.record({
    keepLast: count,
    maxAgeDays: count,
    daily: count,
    weekly: count,
    monthly: count,
  }),
  now: fc.constant(new Date(START)),
});

/** Compares the decisions with the model's, and checks what has to hold of any. */
export function checkHistory({ points, policy, now }: History): void {
  const decided = decideRetention(points, policy, now);
  const kept = new Set(decided.filter(({ action }) => action === "keep").map(({ name }) => name));
  assert.deepEqual(
    decided.map(({ name }) => name),
    points.map(({ name }) => name),
  );
  for (const point of points) {
    assert.equal(kept.has(point.name), isKept(point, points, policy, now), JSON.stringify(point));
  }
  // Nothing is decided by the order in which points are read.
  assert.deepEqual([...decideRetention([...points].reverse(), policy, now)].reverse(), decided);
  // What was removed is never missed by what stays: the same question again removes nothing more.
  const left = points.filter(({ name }) => kept.has(name));
  assert.deepEqual(
    decideRetention(left, policy, now).filter(({ action }) => action === "expire"),
    [],
  );
}

/** Each rule asked of one point alone, by counting the points that are ahead of it. */
function isKept(
  point: RetainedPoint,
  points: readonly RetainedPoint[],
  policy: RetentionPolicy,
  now: Date,
): boolean {
  if (point.hold) {
    return true;
  }
  if (["planned", "taking", "expired"].includes(point.state)) {
    return true;
  }
  if (point.state === "expiring") {
    return false;
  }
  if (believed(point, now) === undefined || Date.parse(point.expires) > now.getTime()) {
    return true;
  }
  const rivals = points.filter(
    (other) => other.state === "ready" && believed(other, now) !== undefined,
  );
  if (point.state === "lost") {
    const others = points.filter(
      (other) => other.state === "lost" && believed(other, now) !== undefined,
    );
    return rivals.length === 0 && others.every((other) => !isNewer(other, point));
  }
  if (point.state === "failed") {
    return false;
  }
  const newer = rivals.filter((other) => isNewer(other, point));
  const provenRivals = rivals.filter((other) => other.provenAt !== undefined);
  const lastResort =
    provenRivals.length > 0
      ? point.provenAt !== undefined && newer.every((other) => other.provenAt === undefined)
      : newer.length === 0;
  const age = now.getTime() - contents(point);
  return (
    lastResort ||
    newer.length < (policy.keepLast ?? 0) ||
    (policy.maxAgeDays !== undefined && age <= policy.maxAgeDays * 24 * HOUR) ||
    leads(point, newer, policy.daily ?? 0, (time) => `${Math.floor(time / (24 * HOUR))}`) ||
    // 5 January 1970 was a Monday.
    leads(
      point,
      newer,
      policy.weekly ?? 0,
      (time) => `${Math.floor((time - 4 * 24 * HOUR) / (7 * 24 * HOUR))}`,
    ) ||
    leads(point, newer, policy.monthly ?? 0, (time) => {
      const date = new Date(time);
      return `${date.getUTCFullYear() * 12 + date.getUTCMonth()}`;
    })
  );
}

/** Whether it is the newest of its span, and fewer than `limit` spans after it have a point. */
function leads(
  point: RetainedPoint,
  newer: readonly RetainedPoint[],
  limit: number,
  span: (time: number) => string,
): boolean {
  const spans = new Set(newer.map((other) => span(contents(other))));
  return !spans.has(span(contents(point))) && spans.size < limit;
}

function contents({ contentAt, takenAt }: RetainedPoint): number {
  return new Date(contentAt ?? takenAt ?? "").getTime();
}

/** The time of the contents, unless a date of the point is still to come. */
function believed(point: RetainedPoint, now: Date): number | undefined {
  const dates = [point.takenAt, point.contentAt].filter((date) => date !== undefined);
  return dates.every((date) => Date.parse(date) <= now.getTime()) ? contents(point) : undefined;
}

function isNewer(one: RetainedPoint, other: RetainedPoint): boolean {
  const [first, second] = [contents(one), contents(other)];
  return first > second || (first === second && one.name < other.name);
}
