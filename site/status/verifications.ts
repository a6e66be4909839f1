import { isLiving, memberKey, volumeMembers } from "../../planning/pointMembers";
import type { PointRecord } from "../../planning/pointRecord";
import { VERIFY_COMMAND } from "../../restorepoint/verify/verifyPoint";

/** A verification that came to its end. */
export interface Verification {
  readonly point: string;
  /** RFC 3339: when it ended. */
  readonly at: string;
  /** From its beginning to its end. */
  readonly seconds: number;
  /** Whether it restored every volume that the point has. */
  readonly whole: boolean;
}

interface Run {
  readonly from: string;
  readonly to: string;
}

/** The last one over all points that ended well; undefined where there is none. Pure. */
export function lastVerification(records: readonly PointRecord[]): Verification | undefined {
  return records
    .flatMap((record) => runsOf(record).map((run) => verificationOf(record, run)))
    .toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at))[0];
}

/** Runs that ended well, from what is left of the journal. */
function runsOf({ journal: { entries, summaries } }: PointRecord): readonly Run[] {
  const begun = new Map(
    entries.flatMap(({ event, run, at }) => (event === "opened" ? [[run, at] as const] : [])),
  );
  const closed = entries.flatMap(({ command, event, run, at, detail }): readonly Run[] => {
    const from = begun.get(run);
    const isDone = command === VERIFY_COMMAND && event === "closed" && detail.outcome === "done";
    return isDone && from !== undefined ? [{ from, to: at }] : [];
  });
  return [
    ...summaries.filter(({ command, outcome }) => command === VERIFY_COMMAND && outcome === "done"),
    ...closed,
  ];
}

function verificationOf(record: PointRecord, { from, to }: Run): Verification {
  const [start, end] = [Date.parse(from), Date.parse(to)];
  const restored = new Set(
    record.verifications
      .filter(({ at }) => Date.parse(at) >= start && Date.parse(at) <= end)
      .map(({ member }) => member),
  );
  const volumes = volumeMembers(record).filter(isLiving);
  return {
    point: record.name,
    at: to,
    seconds: Math.round((end - start) / 1000),
    whole: volumes.length > 0 && volumes.every((one) => restored.has(memberKey(one))),
  };
}
