import type { PointRecord } from "../../planning/pointRecord";
import { CatalogError } from "./errors";

/** A record as one side has it. */
export interface StoredRecord {
  readonly document: PointRecord;
  /** What a write has to name, so that it fails where somebody else wrote meanwhile; undefined where nobody can. */
  readonly token: string | undefined;
}

/** One of the two places that a record is kept in. */
export interface CatalogSide {
  /** The place of a point's record, for messages. */
  describe(point: string): string;
  /** @throws CatalogError when it is damaged or not ours */
  read(point: string): Promise<StoredRecord | undefined>;
  /**
   * @param token of the read or write before; undefined when there was nothing
   * @returns the token for the next write
   * @throws CatalogConflict when it is not as it was read
   */
  write(document: PointRecord, token: string | undefined): Promise<string | undefined>;
  /** All points of the stack, by one read of the place; a damaged one with its error. */
  list(): Promise<ReadonlyMap<string, StoredRecord | CatalogError>>;
  /** That there is none is no error. */
  remove(point: string): Promise<void>;
}

/** Reads many records of a place; a damaged one stands there with its error. */
export async function readEach<T>(
  items: readonly T[],
  pointOf: (item: T) => string,
  read: (item: T, point: string) => StoredRecord | undefined | Promise<StoredRecord | undefined>,
): Promise<ReadonlyMap<string, StoredRecord | CatalogError>> {
  const found = new Map<string, StoredRecord | CatalogError>();
  for (const item of items) {
    const point = pointOf(item);
    try {
      const stored = await read(item, point);
      if (stored !== undefined) {
        found.set(point, stored);
      }
    } catch (error) {
      if (!(error instanceof CatalogError)) {
        throw error;
      }
      found.set(point, error);
    }
  }
  return found;
}
