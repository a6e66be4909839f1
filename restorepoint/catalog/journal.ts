import type { PendingStep } from "./entries";
import { pendingSteps, withEntry } from "./entries";
import type { StoredRecord } from "./side";
import type { JournalEvent, PointRecord, StepDetail } from "../../planning/pointRecord";

/** Changes what is known of the point, together with the entry that says so. */
export type RecordChange = (record: PointRecord) => PointRecord;

export interface JournalOptions {
  /** Writes to both places. @param before what they have */
  readonly write: (record: PointRecord, before: StoredRecord | undefined) => Promise<StoredRecord>;
  readonly command: string;
  readonly who: string;
  readonly now: () => Date;
  /** Called before and after each write; tests end the process from it. */
  readonly onWrite?: (() => void) | undefined;
}

/**
 * What one command does with one point, written down before and after each step. Every method returns when both places
 * of the catalog have the entry: only then may the step be done. Calls at the same time share one write.
 */
export class Journal {
  private current: PointRecord;
  private stored: StoredRecord | undefined;
  private run = 0;
  /** The write that waits for its turn, and takes all that is added until then. */
  private queued: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  /** @param empty what the record begins as when nothing is stored */
  constructor(
    private readonly options: JournalOptions,
    stored: StoredRecord | undefined,
    empty: PointRecord,
  ) {
    this.stored = stored;
    this.current = stored?.document ?? empty;
  }

  /** The record as it stands with everything that was added, written or not. */
  get record(): PointRecord {
    return this.current;
  }

  /**
   * Steps begun and not ended, by this or any earlier run: whether they happened has to be looked at.
   *
   * @param of the command whose they are; default any
   */
  pending(of?: string): readonly PendingStep[] {
    const left = pendingSteps(this.current.journal.entries);
    return left.filter(({ command }) => of === undefined || command === of);
  }

  /** Writes down that the command began; `Catalog.open` does so. */
  async opened(): Promise<void> {
    this.run = this.current.journal.sequence + 1;
    await this.add("opened", "", {});
  }

  /** Before a step. @param step the same name in every run, so that a later one finds what this one left */
  begin(step: string, detail: StepDetail = {}, change?: RecordChange): Promise<void> {
    return this.add("begun", step, detail, change);
  }

  /** After a step. */
  end(step: string, detail: StepDetail = {}, change?: RecordChange): Promise<void> {
    return this.add("ended", step, detail, change);
  }

  /** Ends a step that another run left, after looking at what became of it. */
  settle({ step, command }: PendingStep, detail: StepDetail): Promise<void> {
    return this.add("ended", step, detail, undefined, command);
  }

  /** Ends all steps that runs of a command have left. */
  async settleAll(of: string, detail: StepDetail): Promise<void> {
    for (const left of this.pending(of)) {
      await this.settle(left, detail);
    }
  }

  /** A step from its beginning to its end. @param work may say more of its end */
  async step<T extends StepDetail | void>(name: string, work: () => Promise<T>): Promise<void> {
    await this.begin(name);
    await this.end(name, { outcome: "done", ...((await work()) ?? {}) });
  }

  /** Something worth knowing that is no step. */
  note(step: string, detail: StepDetail = {}, change?: RecordChange): Promise<void> {
    return this.add("noted", step, detail, change);
  }

  /** The command's end. */
  close(
    outcome: NonNullable<StepDetail["outcome"]>,
    detail: StepDetail = {},
    change?: RecordChange,
  ): Promise<void> {
    return this.add("closed", "", { ...detail, outcome }, change);
  }

  private add(
    event: JournalEvent,
    step: string,
    detail: StepDetail,
    change?: RecordChange,
    command = this.options.command,
  ): Promise<void> {
    const { who, now } = this.options;
    const entry = { at: now().toISOString(), who, command, run: this.run, event, step, detail };
    const { journal } = withEntry(this.current, entry);
    this.current = { ...(change === undefined ? this.current : change(this.current)), journal };
    return this.flush();
  }

  /** Resolves when a write that holds everything added so far has ended; a failed one does not stop the next. */
  private flush(): Promise<void> {
    this.queued ??= this.last.then(() => {
      this.queued = undefined;
      return this.write();
    });
    this.last = this.queued.catch(() => {});
    return this.queued;
  }

  private async write(): Promise<void> {
    const document = this.current;
    this.options.onWrite?.();
    this.stored = await this.options.write(document, this.stored);
    this.options.onWrite?.();
    const { journal } = this.current;
    const { summaries, entries } = this.stored.document.journal;
    // Entries that came meanwhile follow those that may just have been summarised.
    const later = journal.entries.filter(({ sequence }) => sequence > document.journal.sequence);
    const all = { ...journal, summaries, entries: [...entries, ...later] };
    this.current = { ...this.current, journal: all };
  }
}
