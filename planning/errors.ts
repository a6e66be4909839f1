/** The command line or the situation it was called in is wrong: exit code 2, nothing was touched. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** A live system could not be read: exit code 1, and never "no drift". */
export class UnknownError extends Error {
  override readonly name = "UnknownError";
}
