import { createHash } from "node:crypto";

import type { LedgerDocument, LedgerEntry, RunSummary, StepDetail } from "./types";

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
export type NewEntry = Omit<LedgerEntry, "sequence" | "chain">;

const LONGEST_MESSAGE = 500;

/** The document with one entry more. */
export function withEntry(ledger: LedgerDocument, entry: NewEntry): LedgerDocument {
  const sequence = ledger.sequence + 1;
  const { message } = entry.detail;
  const detail =
    message === undefined ? entry.detail : { ...entry.detail, message: takeMessage(message) };
  const numbered = { ...entry, detail, sequence };
  const chain = nextChain(ledger.entries.at(-1)?.chain ?? "", numbered);
  return { ...ledger, sequence, entries: [...ledger.entries, { ...numbered, chain }] };
}

/** Steps begun and not ended, in the order in which they were first begun. A later run of a command goes on with them. */
export function pendingSteps(entries: readonly LedgerEntry[]): readonly PendingStep[] {
  const pending = new Map<string, PendingStep>();
  for (const { event, command, step, detail, at, who } of entries) {
    const key = JSON.stringify([command, step]);
    if (event === "begun") {
      pending.set(key, { command, step, detail, at, who });
    } else if (event === "ended") {
      pending.delete(key);
    }
  }
  return [...pending.values()];
}

/**
 * Makes a document small enough by summarising runs, the oldest first. The last run is left whole, and so is any that
 * left a step pending: those are what a later run needs.
 *
 * @param limit bytes of `print`; a document that is still larger afterwards is returned as small as it gets
 */
export function compact(
  ledger: LedgerDocument,
  print: (ledger: LedgerDocument) => string,
  limit: number,
): LedgerDocument {
  let compacted = ledger;
  while (Buffer.byteLength(print(compacted)) > limit) {
    const run = oldestFinished(compacted);
    if (run === undefined) {
      return compacted;
    }
    compacted = {
      ...compacted,
      summaries: [...compacted.summaries, summary(run)],
      entries: compacted.entries.slice(run.length),
    };
  }
  return compacted;
}

/** Entries of the oldest run when it may be summarised. Runs follow each other: the stack's lock lets in one at a time. */
function oldestFinished({ entries }: LedgerDocument): readonly LedgerEntry[] | undefined {
  const first = entries[0];
  const end = entries.findIndex(({ run }) => run !== first?.run);
  if (first === undefined || end < 0) {
    return undefined;
  }
  const open = pendingSteps(entries).map(({ command, step }) => JSON.stringify([command, step]));
  const run = entries.slice(0, end);
  const needed = run.some(
    ({ event, command, step }) =>
      event === "begun" && open.includes(JSON.stringify([command, step])),
  );
  return needed ? undefined : run;
}

function summary(run: readonly LedgerEntry[]): RunSummary {
  const [first] = run;
  const last = run.at(-1);
  if (first === undefined || last === undefined) {
    throw new Error("a run has an entry at least");
  }
  const outcome = last.event === "closed" ? last.detail.outcome : undefined;
  return {
    command: first.command,
    who: first.who,
    from: first.at,
    to: last.at,
    first: first.sequence,
    last: last.sequence,
    steps: run.filter(({ event }) => event === "ended").length,
    ...(outcome === undefined ? {} : { outcome }),
    chain: last.chain,
  };
}

/** 16 characters suffice against accidents, which is what it is for. */
function nextChain(before: string, entry: Omit<LedgerEntry, "chain">): string {
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
