import type { LedgerDocument, LedgerError } from "./types";

/** A ledger as one side has it. */
export interface StoredLedger {
  readonly document: LedgerDocument;
  /** What a write has to name, so that it fails where somebody else wrote meanwhile; undefined where nobody can. */
  readonly token: string | undefined;
}

/** One of the two places that a ledger is kept in. */
export interface LedgerSide {
  /** The place of a point's ledger, for messages. */
  describe(point: string): string;
  /** @throws LedgerError when it is damaged or not ours */
  read(point: string): Promise<StoredLedger | undefined>;
  /**
   * @param token of the read or write before; undefined when there was nothing
   * @returns the token for the next write
   * @throws LedgerConflict when it is not as it was read
   */
  write(document: LedgerDocument, token: string | undefined): Promise<string | undefined>;
  /** All points of the stack, by one read of the place; a damaged one with its error. */
  list(): Promise<ReadonlyMap<string, StoredLedger | LedgerError>>;
  /** That there is none is no error. */
  remove(point: string): Promise<void>;
}
