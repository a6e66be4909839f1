import type { PendingStep } from "./entries";
import { pendingSteps, withEntry } from "./entries";
import type { LedgerPair } from "./pair";
import type { StoredLedger } from "./side";
import type { Catalogue, LedgerDocument, LedgerEvent, StepDetail } from "./types";

/** Changes what is known of the point, together with the entry that says so. */
export type CatalogueChange = (catalogue: Catalogue) => Catalogue;

export interface JournalOptions {
  readonly pair: LedgerPair;
  readonly command: string;
  readonly who: string;
  readonly now: () => Date;
  /** Called before and after each write; tests end the process from it. */
  readonly onWrite?: (() => void) | undefined;
}

/**
 * What one command does with one point, written down before and after each step. Every method returns when both places
 * of the ledger have the entry: only then may the step be done. Calls at the same time share one write.
 */
export class Journal {
  private current: LedgerDocument;
  private stored: StoredLedger | undefined;
  private run = 0;
  /** The write that waits for its turn, and takes all that is added until then. */
  private queued: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  /** @param empty what the ledger begins as when nothing is stored */
  constructor(
    private readonly options: JournalOptions,
    stored: StoredLedger | undefined,
    empty: LedgerDocument,
  ) {
    this.stored = stored;
    this.current = stored?.document ?? empty;
  }

  get document(): LedgerDocument {
    return this.current;
  }

  get catalogue(): Catalogue {
    return this.current.catalogue;
  }

  /** Steps begun and not ended, by this or any earlier run: whether they happened has to be looked at. */
  pending(): readonly PendingStep[] {
    return pendingSteps(this.current.entries);
  }

  /** Writes down that the command began; `Ledger.open` does so. */
  async opened(): Promise<void> {
    this.run = this.current.sequence + 1;
    await this.add("opened", "", {});
  }

  /** Before a step. @param step the same name in every run, so that a later one finds what this one left */
  begin(step: string, detail: StepDetail = {}, change?: CatalogueChange): Promise<void> {
    return this.add("begun", step, detail, change);
  }

  /** After a step. */
  end(step: string, detail: StepDetail = {}, change?: CatalogueChange): Promise<void> {
    return this.add("ended", step, detail, change);
  }

  /** Ends a step that another command left, after looking at what became of it. */
  settle(left: PendingStep, detail: StepDetail, change?: CatalogueChange): Promise<void> {
    return this.add("ended", left.step, detail, change, left.command);
  }

  /** Something worth knowing that is no step. */
  note(step: string, detail: StepDetail = {}, change?: CatalogueChange): Promise<void> {
    return this.add("noted", step, detail, change);
  }

  /** The command's end. */
  close(outcome: NonNullable<StepDetail["outcome"]>, detail: StepDetail = {}): Promise<void> {
    return this.add("closed", "", { ...detail, outcome });
  }

  private add(
    event: LedgerEvent,
    step: string,
    detail: StepDetail,
    change?: CatalogueChange,
    command = this.options.command,
  ): Promise<void> {
    const { who, now } = this.options;
    const entry = { at: now().toISOString(), who, command, run: this.run, event, step, detail };
    const changed = withEntry(this.current, entry);
    this.current =
      change === undefined ? changed : { ...changed, catalogue: change(changed.catalogue) };
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
    this.stored = await this.options.pair.write(document, this.stored);
    this.options.onWrite?.();
    const { summaries, entries } = this.stored.document;
    // Entries that came meanwhile follow those that may just have been summarised.
    const later = this.current.entries.filter(({ sequence }) => sequence > document.sequence);
    this.current = { ...this.current, summaries, entries: [...entries, ...later] };
  }
}
