import { Type, type TProperties } from "@sinclair/typebox";

import { dateTime } from "./forms";
import { choice, map, text, whole, list, optional } from "./node";

// Forms of the catalog's record. Only programs write it, so it has no descriptions; maps are closed, so that nothing
// secret gets in by accident, and nothing that a newer program wrote is lost by an older one.

export const word = text("");
/** RFC 3339. */
export const time = text("", dateTime);
export const count = whole("", { maximum: Number.MAX_SAFE_INTEGER });
export const amount = Type.Number();
const outcome = choice("", ["done", "failed", "skipped", "undone"]);

export function record<Properties extends TProperties>(
  properties: Properties,
): ReturnType<typeof map<Properties>> {
  return map("", properties);
}

const stepDetail = record({
  kind: optional(word),
  namespace: optional(word),
  name: optional(word),
  uid: optional(word),
  /** Names of a PersistentVolumeClaim and of a PersistentVolume. */
  claim: optional(word),
  volume: optional(word),
  snapshot: optional(word),
  content: optional(word),
  /** Reference in the storage or in vCenter. */
  handle: optional(word),
  node: optional(word),
  /** Path of a file. */
  file: optional(word),
  digest: optional(word),
  /** Replicas of a workload: asked for, and before. */
  replicas: optional(count),
  formerReplicas: optional(count),
  count: optional(count),
  bytes: optional(count),
  seconds: optional(amount),
  /** When something ends by itself, e.g. a lease. */
  until: optional(time),
  outcome: optional(outcome),
  /** One sentence, e.g. a driver's own message; shortened to 500 characters when written. */
  message: optional(word),
});

const journalEntry = record({
  /** From 1, without gaps. */
  sequence: count,
  /** By the clock of the machine that ran the command. */
  at: time,
  /** The operator: user and machine. */
  who: word,
  /** E.g. `restore-point create`. */
  command: word,
  /** Sequence of the entry that opened the command. */
  run: count,
  /**
   * - `opened`, `closed`: a command began, and came to its end, whatever the outcome
   * - `begun`, `ended`: of a step; what is begun and not ended, a later run has to look at
   * - `noted`: something worth knowing, or a change of the record, that is no step
   */
  event: choice("", ["opened", "begun", "ended", "noted", "closed"]),
  /** Name of the step, the same in every run; the empty string for the command itself. */
  step: word,
  detail: stepDetail,
  /** Hash over this entry and all before it: two machines that went different ways are told apart by it. */
  chain: word,
});

/** What is left of a run whose entries were summarised. */
const runSummary = record({
  command: word,
  who: word,
  from: time,
  to: time,
  /** Sequence of its first and last entry. */
  first: count,
  last: count,
  /** Steps that ended. */
  steps: count,
  /** Absent: the run was killed, and a later one went on from there. */
  outcome: optional(outcome),
  /** Chain at its last entry. */
  chain: word,
});

/** Who did what with a point: the number of the last entry, runs that were summarised, and entries, oldest first. */
export const pointJournal = record({
  /** The greater of two decides which record is newer. */
  sequence: count,
  summaries: list("", runSummary),
  /** Those of the last run are always whole. */
  entries: list("", journalEntry),
});
