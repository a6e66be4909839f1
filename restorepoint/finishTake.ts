import { spreadSeconds } from "../planning/draftPoint";
import { volumeMembers } from "../planning/pointMembers";
import type { RestorePointFile } from "../planning/site";
import type { Journal } from "./catalog/journal";
import type { LedgerDocument } from "./catalog/types";
import type { Quiesce } from "./quiesce";

/** The command that cuts, as the ledger names it. */
export const CREATE = "restore-point create";

/** Step in which the point's file gets its end. */
export const COMPLETE = "complete";

/** Writes down that a point is complete, with all of its members. */
export async function noteComplete(journal: Journal, point: RestorePointFile): Promise<void> {
  await journal.end(COMPLETE, { outcome: "done", count: point.members.length }, (catalogue) => ({
    ...catalogue,
    ...(point.takenAt === undefined ? {} : { takenAt: point.takenAt }),
    members: point.members,
    spreadSeconds: spreadOf(point),
  }));
}

/** Seconds between the first volume of a point and the last. */
export function spreadOf(point: RestorePointFile): number {
  return spreadSeconds(volumeMembers(point).map(({ createdAt }) => createdAt));
}

/**
 * Whether the run that completed a point was killed after that: the product may be stopped still, and claims carry a
 * label, although nothing is to be cut any more.
 */
export function isUnfinished(ledger: LedgerDocument | undefined): boolean {
  const last = ledger?.entries.findLast(({ command }) => command === CREATE);
  return last !== undefined && last.event !== "closed";
}

/** Does for a point that is ready what the killed run did not get to. Repeatable. */
export async function finishTake(
  point: RestorePointFile,
  quiesce: Quiesce,
  { journal, labelClaims }: FinishPorts,
): Promise<void> {
  const left = journal.pending().map(({ step }) => step);
  const others = left.filter((step) => step !== COMPLETE);
  if (others.length > 0) {
    await quiesce.end();
  }
  await labelClaims(false);
  await noteComplete(journal, point);
  for (const step of others) {
    await journal.end(step, { outcome: "done" });
  }
  await journal.close("done");
}

export interface FinishPorts {
  readonly journal: Journal;
  readonly labelClaims: (wanted: boolean) => Promise<void>;
}
