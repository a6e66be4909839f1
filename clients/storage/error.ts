/**
 * What went wrong with a storage backend's own API.
 * - `configuration`: a file that opens it is missing or wrong
 * - `unreachable`: no answer: refused, timed out, unknown host, untrusted certificate
 * - `answer`: it answered with an error, or with something else than it documents
 */
export type StorageFailure = "configuration" | "unreachable" | "answer";

/** An error of a storage API in one sentence; never with a token in it. */
export class StorageError extends Error {
  override readonly name = "StorageError";

  constructor(
    readonly failure: StorageFailure,
    message: string,
    /** HTTP status of an `answer`. */
    readonly status?: number,
  ) {
    super(message);
  }
}
