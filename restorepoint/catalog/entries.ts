import { createHash } from "node:crypto";

import type {
  JournalEntry,
  PointJournal,
  PointRecord,
  RunSummary,
  StepDetail,
} from "../../planning/pointRecord";

/** A step that was begun and not ended: whether it happened is not known. */
export interface PendingStep {
  readonly command: string;
  readonly step: string;
  readonly detail: StepDetail;
  /** RFC 3339: when it was last begun, and by whom. */
  readonly at: string;
  readonly who: string;
}

/** What the next entry says, before it gets its number and its hash. */
export type NewEntry = Omit<JournalEntry, "sequence" | "chain">;

const LONGEST_MESSAGE = 500;

/** The document with one entry more. */
export function withEntry(record: PointRecord, entry: NewEntry): PointRecord {
  const { journal } = record;
  const sequence = journal.sequence + 1;
  const { message } = entry.detail;
  const detail =
    message === undefined ? entry.detail : { ...entry.detail, message: takeMessage(message) };
  const numbered = { ...entry, detail, sequence };
  const chain = nextChain(journal.entries.at(-1)?.chain ?? "", numbered);
  const entries = [...journal.entries, { ...numbered, chain }];
  return { ...record, journal: { ...journal, sequence, entries } };
}

/** Steps begun and not ended, in the order in which they were first begun. A later run of a command goes on with them. */
export function pendingSteps(entries: readonly JournalEntry[]): readonly PendingStep[] {
  const pending = new Map<string, PendingStep>();
  for (const { event, command, step, detail, at, who } of entries) {
    const key = stepKey({ command, step });
    if (event === "begun") {
      pending.set(key, { command, step, detail, at, who });
    } else if (event === "ended") {
      pending.delete(key);
    }
  }
  return [...pending.values()];
}

function stepKey({ command, step }: Pick<PendingStep, "command" | "step">): string {
  return JSON.stringify([command, step]);
}

/**
 * Makes a document small enough by summarising runs, the oldest first. The last run is left whole, and so is any that
 * left a step pending: those are what a later run needs.
 *
 * @param limit bytes of `print`; a document that is still larger afterwards is returned as small as it gets
 */
export function compact(
  record: PointRecord,
  print: (record: PointRecord) => string,
  limit: number,
): PointRecord {
  let compacted = record;
  while (Buffer.byteLength(print(compacted)) > limit) {
    const run = oldestFinished(compacted.journal);
    if (run === undefined) {
      return compacted;
    }
    const { journal } = compacted;
    const summaries = [...journal.summaries, summary(run)];
    const entries = journal.entries.slice(run.length);
    compacted = { ...compacted, journal: { ...journal, summaries, entries } };
  }
  return compacted;
}

/** Entries of the oldest run when it may be summarised. Runs follow each other: the stack's lock lets in one at a time. */
function oldestFinished({ entries }: PointJournal): readonly JournalEntry[] | undefined {
  const first = entries[0];
  const end = entries.findIndex(({ run }) => run !== first?.run);
  if (first === undefined || end < 0) {
    return undefined;
  }
  const open = pendingSteps(entries).map(stepKey);
  const run = entries.slice(0, end);
  const needed = run.some((one) => one.event === "begun" && open.includes(stepKey(one)));
  return needed ? undefined : run;
}

function summary(run: readonly JournalEntry[]): RunSummary {
  // It has an entry at least.
  const [first, last] = [run[0], run.at(-1)] as [JournalEntry, JournalEntry];
  return {
    command: first.command,
    who: first.who,
    from: first.at,
    to: last.at,
    first: first.sequence,
    last: last.sequence,
    steps: run.filter(({ event }) => event === "ended").length,
    outcome: last.event === "closed" ? last.detail.outcome : undefined,
    chain: last.chain,
  };
}

/** 16 characters suffice against accidents, which is what it is for. */
function nextChain(before: string, entry: Omit<JournalEntry, "chain">): string {
  const { sequence, at, who, command, run, event, step, detail } = entry;
  const details = Object.entries(detail).sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([before, sequence, at, who, command, run, event, step, details]))
    .digest("hex")
    .slice(0, 16);
}

function takeMessage(message: string): string {
  return message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message;
}
